#include "measure/test_tones.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace yourmt3 {

TestTones::TestTones(double seconds, int sample_rate)
    : total_(static_cast<std::size_t>(seconds * sample_rate)), rate_(sample_rate) {}

std::size_t TestTones::read(std::span<float> out) {
  const std::size_t count = std::min(out.size(), total_ - next_);
  for (std::size_t i = 0; i < count; ++i) out[i] = sample(next_ + i);
  next_ += count;
  return count;
}

float TestTones::sample(std::size_t index) const {
  constexpr double kNoteSec = 0.25;
  const double time_sec = static_cast<double>(index) / rate_;
  const auto note = static_cast<std::size_t>(time_sec / kNoteSec);
  const double since_sec = time_sec - static_cast<double>(note) * kNoteSec;
  double sum = 0;
  for (const std::size_t voice : {std::size_t{0}, std::size_t{7}, std::size_t{16}}) {
    const double pitch = 45.0 + static_cast<double>((note * 5 + voice) % 36);
    const double frequency_hz = 440 * std::exp2((pitch - 69) / 12);
    for (const double harmonic : {1.0, 2.0, 3.0}) {
      sum += 0.1 / harmonic * std::sin(2 * std::numbers::pi * frequency_hz * harmonic * since_sec);
    }
  }
  return static_cast<float>(sum * std::exp(-4 * since_sec));
}

}  // namespace yourmt3
