#pragma once

#include <vector>

#include "engine/conv_kernels.h"
#include "engine/float_buffer.h"
#include "engine/linear.h"
#include "yourmt3/precision.h"

namespace yourmt3 {

/// A convolution with zeros around its input and as many outputs as inputs in time and frequency, its weights
/// rearranged once. What is left to add, and how it is written, says ConvOutput.
///
/// 3x3 kernels with more than one input channel go the way of Winograd. An output depends neither on the outputs that
/// are computed with it nor on the number of threads, to the last bit.
class Convolution {
 public:
  struct Shape {
    int outputs = 1, inputs = 1;
    int kernel_t = 3, kernel_f = 3;  ///< Odd.
  };

  /// `weights` is (outputs, inputs, kernel_t, kernel_f) row-major. Where the processor has no instructions for
  /// `precision`, the next better one is used.
  Convolution(const Kernels& kernels, const Shape& shape, const std::vector<float>& weights,
              const std::vector<float>& bias, Precision precision);

  /// Frames are computed in groups of so many.
  int frames_together() const { return winograd_ == nullptr ? 1 : winograd_->tile_t; }
  /// Pixels that may be read before bin 0, and behind the last bin.
  int bins_before() const { return shape_.kernel_f / 2; }
  int bins_after() const { return shape_.kernel_f / 2 + (winograd_ == nullptr ? 0 : winograd_->tile_f - 1); }
  /// `x` for each output channel, as ConvOutput wants it.
  FloatBuffer in_panels(const std::vector<float>& x) const;

  /// Outputs of `n_frames` frames. `in[i]` is the row that the first row of the kernel reads for frame i: whole groups
  /// of frames and kernel_t - 1 more, laid out as in a FrameRing.
  /// `out.rows` has whole groups of frames, too; its bias is ours.
  void run(const Compute& compute, const float* const* in, std::ptrdiff_t in_block, ConvOutput out, int n_frames,
           FloatBuffer& scratch) const;

 private:
  const ConvKernels* kernels_;
  const WinogradKernel* winograd_ = nullptr;
  Shape shape_;
  int n_panels_;
  FloatBuffer weights_, bias_;
};

}  // namespace yourmt3
