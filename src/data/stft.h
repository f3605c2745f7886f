#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace yourmt3 {

/// Short-time Fourier transform and its inverse: periodic Hann windows, frames centred on multiples of the hop, the
/// ends reflected. Const methods may be called from several threads.
class Stft {
 public:
  /// `size` is even and a multiple of `hop`; the transform can be inverted up to hop = size / 2.
  Stft(int size, int hop);

  /// (frames, bins) row-major; frames = samples / hop + 1. Throws Error(kInvalidArgument) for size / 2 samples or less.
  std::vector<std::complex<float>> forward(std::span<const float> samples) const;
  /// The first `length` samples; zeros where frames do not reach.
  std::vector<float> inverse(std::span<const std::complex<float>> spectrum, std::size_t length) const;

  std::size_t n_bins() const { return window_.size() / 2 + 1; }

 private:
  std::size_t hop_;
  std::vector<float> window_;
};

}  // namespace yourmt3
