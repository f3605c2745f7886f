#pragma once

#include <memory>

#include "engine/thread_team.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Residual blocks of two convolutions, each block followed by average pooling over pairs of bins; on oneDNN, with
/// batch norms folded into the weights, and sum and ReLU fused into the convolutions.
///
/// oneDNN divides its work by OpenMP; every call sets the number of threads for itself and restores the caller's.
/// Segments go through one by one, so that a result does not depend on the batch.
class ResidualConv {
 public:
  /// Keys below `pre_encoder.0.`; input of a segment is (n_frames, n_bins).
  ResidualConv(const PreEncoderConfig& config, int n_frames, int n_bins, const WeightReader& weights);
  ~ResidualConv();
  ResidualConv(ResidualConv&&) noexcept;
  ResidualConv& operator=(ResidualConv&&) noexcept;

  int n_bins_out() const;  ///< F'.

  /// One segment: (T, F) to (T, F', C). May be called from several threads.
  void run(int n_threads, const float* spectrogram, float* out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
