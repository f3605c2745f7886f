#pragma once

#include <optional>
#include <vector>

#include "engine/attention.h"
#include "engine/feed_forward.h"
#include "engine/norm.h"
#include "engine/position.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// PerceiverTF: K latents of each frame read the spectrum by cross attention, then talk to each other within the frame
/// (local layers) and to themselves over time (temporal layers). Source: Lu et al. 2023.
class PerceiverEncoder {
 public:
  /// A frame of the input is (n_bins, n_maps).
  PerceiverEncoder(const Arithmetic& arithmetic, ThreadTeam& team, const EncoderConfig& config, int n_frames,
                   int n_bins, int n_maps, const WeightReader& weights);

  /// One segment: (T, n_bins, n_maps) to (T, K, D). Reports "block0.sca", "block0.local0",
  /// "block0.local0.router_logits" (T * K, experts), "block0.temporal0", ..., "block0", ... to `observer`; all but the
  /// logits are (T, K, D).
  /// `routers` learns what mixtures of experts choose.
  void run(const Compute& compute, const float* input, float* out, const Observer& observer = {},
           const RouterObserver& routers = {}, int segment = 0) const;

 private:
  /// Self or cross attention with its norms and projections.
  struct Attention {
    RowNorm query_norm;
    std::optional<RowNorm> key_norm;  // Cross attention only.
    Linear q, kv;                     // Cross attention.
    Linear qkv;                       // Self attention.
    Linear out;
    int heads = 1;
    Rope rope_queries, rope_keys;
    std::vector<float> bias;  // (heads, lq + lk - 1), or empty.
    bool residual = true;
  };
  struct Layer {
    Attention attention;
    RowNorm norm;
    FeedForward feed_forward;
  };
  struct Block {
    Attention cross;
    std::vector<Layer> local, temporal;
  };
  enum class Kind { kCross, kLocal, kTemporal };
  struct Workspace;
  /// Latents of some frames, or some latents of all frames: what one task takes through several layers, so that it
  /// stays in the cache and threads meet seldom.
  struct Part {
    int n_frames, n_latents;
    float* stream;  // (n_frames, n_latents, D), the residual stream.

    int rows() const { return n_frames * n_latents; }
  };

  Attention read_attention(const Arithmetic& arithmetic, const WeightReader& weights, Kind kind) const;
  Layer read_layer(const Arithmetic& arithmetic, const WeightReader& weights, Kind kind) const;
  void run_cross(const Compute& compute, const Attention& attention, const float* input, const Part& part,
                 Workspace& workspace) const;
  void run_layer(const Compute& compute, const Layer& layer, bool temporal, const Part& part, Workspace& workspace,
                 const std::string& name, const Observer& observer) const;
  HeadShape head_shape(const Attention& attention) const;

  EncoderConfig config_;
  int n_frames_, n_keys_, n_bins_, n_maps_;
  std::vector<float> start_;               // (T, K, D): latents and the positions added to them.
  std::vector<float> temporal_positions_;  // (T, D), added before the first temporal layer; or empty.
  std::vector<Block> blocks_;
};

}  // namespace yourmt3
