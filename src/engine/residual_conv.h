#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/conv_kernels.h"
#include "engine/float_buffer.h"
#include "engine/linear.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"
#include "yourmt3/precision.h"

namespace yourmt3 {

/// Residual blocks of two convolutions, each block followed by average pooling over pairs of bins. Batch norms are
/// folded into the weights; sum, ReLU and pooling happen where a convolution's sums are written.
///
/// All layers advance together, a strip of frames at a time, so that what one writes is still in the cache when the
/// next one reads it, and memory holds only the frames that are still wanted.
class ResidualConv {
 public:
  /// Keys below `pre_encoder.0.`; input of a segment is (n_frames, n_bins). Where the processor has no instructions for
  /// `precision`, the next better one is used.
  ResidualConv(const Kernels& kernels, const PreEncoderConfig& config, int n_frames, int n_bins,
               const WeightReader& weights, Precision precision = Precision::kF32);
  ~ResidualConv();
  ResidualConv(ResidualConv&&) noexcept;
  ResidualConv& operator=(ResidualConv&&) noexcept;

  int n_bins_out() const;  ///< F'.

  /// One segment: (T, F) to (T, F', C). May be called from several threads.
  void run(const Compute& compute, const float* spectrogram, float* out) const;

 private:
  struct Layer;
  struct Workspace;

  std::unique_ptr<Workspace> take_workspace() const;
  void advance(const Compute& compute, Workspace& workspace, std::size_t layer, int frames) const;
  void run_strip(const Compute& compute, Workspace& workspace, std::size_t layer, int begin, int end) const;

  int n_frames_ = 0, n_bins_ = 0, channels_ = 0;
  std::vector<Layer> layers_;  // Two for each block.
  struct Idle;
  std::unique_ptr<Idle> idle_;
};

}  // namespace yourmt3
