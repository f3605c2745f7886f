#pragma once

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
  PreDecoder(const Kernels& kernels, const ModelConfig& config, const WeightReader& weights);

  /// One segment: (T, K, D) to (C, T, d).
  void run(const Compute& compute, const float* x, float* out) const;

 private:
  PreDecoderConfig config_;
  int n_frames_, n_latents_, width_, n_channels_, d_model_;
  std::vector<Linear> linears_;  // None: the identity. kGroupLinear: one for each latent.
  std::vector<RowNorm> norms_;   // kMlp.
};

}  // namespace yourmt3
