#pragma once

#include <span>
#include <vector>

#include "engine/linear.h"
#include "engine/norm.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// From the encoder's output to what the decoder reads.
class PreDecoder {
 public:
  /// Keys below `pre_decoder.0.`.
  PreDecoder(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights);

  /// One segment: (T, K, D) to (T, C, d).
  void run(const Compute& compute, const float* x, float* out) const;

  /// The matrix (d, w) that this is for each channel, when the decoder had better multiply its weights by it and read
  /// the encoder's output itself, (T, C, w): when w is not larger than d. Empty otherwise.
  std::span<const float> projection() const { return projection_; }
  /// The decoder reads the encoder's output: the pre-decoder is folded in, or there is nothing to do.
  bool is_skipped() const { return linears_.empty() || !projection_.empty(); }

 private:
  Linear one_for_all(const Arithmetic& arithmetic, std::vector<float> weight, int inputs);

  PreDecoderConfig config_;
  int n_frames_, n_latents_, width_, n_channels_, d_model_;
  std::vector<Linear> linears_;  // None: the identity. kGroupLinear: one for each latent.
  std::vector<RowNorm> norms_;   // kMlp.
  std::vector<float> projection_;
};

}  // namespace yourmt3
