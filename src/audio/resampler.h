#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace yourmt3 {

/// Changes the sample rate of one channel, piece by piece. Linear phase, without delay: output k lies at the time of
/// input k * in_rate / out_rate.
class Resampler {
 public:
  /// Rates in Hz, positive. Throws Error(kOutOfMemory).
  Resampler(int in_rate, int out_rate);
  ~Resampler();
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;

  /// Takes the next samples and appends what is ready by now.
  void push(std::span<const float> samples, std::vector<float>& out);

  /// Appends the rest, after which there have been ceil(n * out_rate / in_rate) samples for n taken.
  void finish(std::vector<float>& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
