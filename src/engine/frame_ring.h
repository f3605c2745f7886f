#pragma once

#include <cstddef>

#include "engine/conv_kernels.h"
#include "engine/float_buffer.h"

namespace yourmt3 {

/// The last few frames of an activation, each (blocks of channels, bins, kChannelBlock), or (bins) of a single channel.
/// Around the bins lie zeros, as convolutions read them; writers leave them alone.
class FrameRing {
 public:
  FrameRing() = default;
  /// `before` and `after` are the bins of zeros.
  FrameRing(int n_frames, int n_bins, int channels, int before, int after)
      : n_frames_(n_frames), bin_(channels == 1 ? 1 : kChannelBlock), before_(before * bin_) {
    block_ = static_cast<std::ptrdiff_t>(before + n_bins + after) * bin_;
    frame_ = (channels + kChannelBlock - 1) / kChannelBlock * block_;
    values_.resize(static_cast<std::size_t>(n_frames * frame_));
  }

  /// Floats from one bin to the next, and from one block of channels to the next.
  std::ptrdiff_t bin_stride() const { return bin_; }
  std::ptrdiff_t block_stride() const { return block_; }
  std::ptrdiff_t frame_stride() const { return frame_; }
  /// Bin 0 of a frame; holds what was written last to any frame that is a multiple of the ring's length away.
  float* frame(int t) { return values_.data() + t % n_frames_ * frame_ + before_; }

 private:
  int n_frames_ = 1;
  std::ptrdiff_t bin_ = 1, before_ = 0, block_ = 0, frame_ = 0;
  FloatBuffer values_;
};

}  // namespace yourmt3
