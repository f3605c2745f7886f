#include <soxr.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "data/synthesizer.h"

namespace yourmt3 {

Timbre draw_timbre(bool is_drum, Random& random) {
  Timbre timbre;
  if (random.chance(0.6)) {
    timbre.reverb = random.uniform(0.05, 0.7);
    timbre.room_size = random.uniform(0.1, 0.8);
    timbre.damping = random.uniform(0.1, 0.9);
  }
  if (is_drum) {
    if (random.chance(0.3)) timbre.tuning_cents = random.uniform(-100, 100);
    return timbre;
  }
  if (random.chance(0.3)) timbre.chorus = random.uniform(0.1, 0.9);
  timbre.tuning_cents = std::clamp(6.0 * random.normal(), -25.0, 25.0);
  if (random.chance(0.35)) timbre.brightness = random.uniform(-2400, 1200);
  if (random.chance(0.2)) timbre.attack = random.uniform(0, 1500);
  if (random.chance(0.3)) timbre.release = random.uniform(-1200, 1500);
  return timbre;
}

std::vector<float> resample_to_render_rate(std::span<const float> samples, double rate) {
  if (samples.empty() || rate == kRenderRate) return {samples.begin(), samples.end()};
  std::vector<float> out(static_cast<std::size_t>(std::ceil(static_cast<double>(samples.size()) * kRenderRate / rate)));
  std::size_t written = 0;
  const auto quality = soxr_quality_spec(SOXR_MQ, 0);
  const soxr_error_t error = soxr_oneshot(rate, kRenderRate, 1, samples.data(), samples.size(), nullptr, out.data(),
                                          out.size(), &written, nullptr, &quality, nullptr);
  if (error != nullptr) fail(ErrorCode::kInvalidArgument, "cannot resample from {} Hz: {}", rate, soxr_strerror(error));
  out.resize(written);
  return out;
}

double loudness(std::span<const float> samples) {
  constexpr std::size_t kFrame = kRenderRate / 20;
  std::vector<double> levels;
  for (std::size_t start = 0; start < samples.size(); start += kFrame) {
    const auto frame = samples.subspan(start, std::min(kFrame, samples.size() - start));
    double energy = 0;
    for (const float sample : frame) energy += static_cast<double>(sample) * sample;
    const double level = std::sqrt(energy / static_cast<double>(frame.size()));
    if (level > 1e-5) levels.push_back(level);
  }
  if (levels.empty()) return 0;
  const auto at = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() * 9 / 10);
  std::nth_element(levels.begin(), at, levels.end());
  return *at;
}

double levelling_gain(std::span<const float> samples) {
  const double level = loudness(samples);
  if (level <= 0) return 1;
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  return std::min(0.1 / level, 0.98 / static_cast<double>(peak));
}

}  // namespace yourmt3
