#pragma once

#include <vector>

#include "engine/attention.h"
#include "engine/t5_layer.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Encoder stack of T5 over the frames of one segment.
class T5Encoder {
 public:
  T5Encoder(const Arithmetic& arithmetic, ThreadTeam& team, const EncoderConfig& config, int n_frames,
            const WeightReader& weights);

  /// (T, d) to (T, d), after the final norm. Reports "block0", "block1", ... (T, d) to `observer`; `routers` learns
  /// what mixtures of experts choose.
  void run(const Compute& compute, const float* x, float* out, const Observer& observer = {},
           const RouterObserver& routers = {}, int segment = 0) const;

 private:
  struct Block {
    T5SelfAttention attention;
    T5FeedForward feed_forward;
  };
  T5Shape shape_;
  int n_frames_;
  std::vector<float> positions_;  // (T or more, d), or empty.
  std::vector<float> bias_;       // (heads, 2 T - 1), or empty.
  std::vector<Block> blocks_;
  RowNorm final_norm_;
};

}  // namespace yourmt3
