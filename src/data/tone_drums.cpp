#include "data/tone_drums.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>

namespace yourmt3 {
namespace {

constexpr double kTau = 2 * std::numbers::pi;

/// A stroke: a sine that falls in pitch, two more for metal, and noise through a band-pass.
struct Drum {
  double tone_hz = 0;         ///< Where the sine ends; 0 for none.
  double fall = 1;            ///< Its first frequency relative to the last, reached within 30 ms.
  double tone_decay_sec = 0;  ///< Time constant.
  double tone_level = 0;
  double noise_hz = 0;  ///< Centre of the band.
  double noise_q = 1;
  double noise_decay_sec = 0;
  double noise_level = 0;
  double second_partial = 0;  ///< Relative to tone_hz; 0 for none.
  double third_partial = 0;
};

Drum drum_of(int key) {
  switch (key) {
    case 35:
      return {48, 3, 0.11, 1.0, 1800, 0.7, 0.004, 0.3};
    case 36:
      return {56, 3, 0.09, 1.0, 2500, 0.7, 0.005, 0.4};
    case 37:
      return {1700, 1, 0.012, 0.5, 2600, 2, 0.012, 0.6};
    case 38:
      return {185, 1.4, 0.06, 0.5, 2200, 0.5, 0.08, 0.8};
    case 39:
      return {0, 1, 0, 0, 1250, 1.5, 0.07, 1.0};
    case 40:
      return {220, 1.4, 0.05, 0.4, 3200, 0.6, 0.07, 0.9};
    case 41:
      return {82, 1.5, 0.2, 0.9, 900, 0.8, 0.02, 0.2};
    case 43:
      return {98, 1.5, 0.19, 0.9, 1000, 0.8, 0.02, 0.2};
    case 45:
      return {120, 1.5, 0.17, 0.9, 1100, 0.8, 0.02, 0.2};
    case 47:
      return {147, 1.5, 0.16, 0.9, 1200, 0.8, 0.02, 0.2};
    case 48:
      return {180, 1.5, 0.15, 0.9, 1300, 0.8, 0.02, 0.2};
    case 50:
      return {215, 1.5, 0.14, 0.9, 1400, 0.8, 0.02, 0.2};
    case 42:
      return {0, 1, 0, 0, 7000, 1.2, 0.025, 0.8};
    case 44:
      return {0, 1, 0, 0, 5800, 1.2, 0.04, 0.6};
    case 46:
      return {0, 1, 0, 0, 6500, 1.0, 0.22, 0.7};
    case 49:
      return {0, 1, 0, 0, 5000, 0.4, 0.55, 0.8};
    case 57:
      return {0, 1, 0, 0, 4200, 0.4, 0.6, 0.8};
    case 52:
      return {0, 1, 0, 0, 3300, 0.6, 0.5, 0.8};
    case 55:
      return {0, 1, 0, 0, 6000, 0.6, 0.22, 0.8};
    case 51:
      return {3100, 1, 0.3, 0.15, 6500, 1.0, 0.3, 0.3, 1.34, 1.83};
    case 59:
      return {2700, 1, 0.35, 0.15, 5600, 1.0, 0.35, 0.35, 1.41, 1.92};
    case 53:
      return {2200, 1, 0.3, 0.4, 6000, 1.5, 0.1, 0.15, 1.47, 2.09};
    case 54:
      return {0, 1, 0, 0, 7200, 3, 0.09, 0.9};
    case 56:
      return {560, 1, 0.07, 0.5, 0, 1, 0, 0, 1.5, 0};
    case 58:
      return {110, 1, 0.2, 0.2, 3000, 3, 0.3, 0.5};
    case 60:
      return {400, 1.1, 0.05, 0.8, 2500, 1, 0.008, 0.3};
    case 61:
      return {300, 1.1, 0.06, 0.8, 2200, 1, 0.008, 0.3};
    case 62:
      return {340, 1.05, 0.03, 0.8, 2000, 1, 0.01, 0.4};
    case 63:
      return {260, 1.1, 0.12, 0.8, 1800, 1, 0.01, 0.3};
    case 64:
      return {190, 1.1, 0.14, 0.8, 1500, 1, 0.01, 0.3};
    case 65:
      return {430, 1.1, 0.12, 0.7, 3500, 1, 0.03, 0.3, 1.6, 0};
    case 66:
      return {320, 1.1, 0.14, 0.7, 3000, 1, 0.03, 0.3, 1.6, 0};
    case 67:
      return {1150, 1, 0.12, 0.5, 0, 1, 0, 0, 1.53, 0};
    case 68:
      return {800, 1, 0.13, 0.5, 0, 1, 0, 0, 1.53, 0};
    case 69:
      return {0, 1, 0, 0, 6200, 2.5, 0.03, 0.8};
    case 70:
      return {0, 1, 0, 0, 6900, 3.5, 0.02, 0.9};
    case 71:
      return {2350, 1, 0.04, 0.4, 2350, 8, 0.04, 0.3};
    case 72:
      return {2250, 1, 0.15, 0.4, 2250, 8, 0.15, 0.3};
    case 73:
      return {0, 1, 0, 0, 4200, 4, 0.03, 0.9};
    case 74:
      return {0, 1, 0, 0, 3800, 4, 0.12, 0.9};
    case 75:
      return {2500, 1, 0.025, 0.7, 0, 1, 0, 0};
    case 76:
      return {1250, 1.05, 0.03, 0.7, 0, 1, 0, 0, 2.7, 0};
    case 77:
      return {900, 1.05, 0.035, 0.7, 0, 1, 0, 0, 2.7, 0};
    case 78:
      return {600, 0.6, 0.06, 0.6, 0, 1, 0, 0};
    case 79:
      return {430, 0.7, 0.12, 0.6, 0, 1, 0, 0};
    case 80:
      return {4100, 1, 0.04, 0.4, 0, 1, 0, 0, 1.33, 1.77};
    case 81:
      return {4100, 1, 0.5, 0.4, 0, 1, 0, 0, 1.33, 1.77};
    default:
      return {0, 1, 0, 0, 500.0 + 70 * key, 3, 0.06, 0.8};
  }
}

/// Level 0.25 at its peak, as long as it is heard.
std::vector<float> strike(int key, double rate, double speed) {
  const Drum drum = drum_of(key);
  const double longest = std::max(drum.tone_decay_sec, drum.noise_decay_sec);
  // 5.5 time constants are -48 dB.
  std::vector<float> samples(static_cast<std::size_t>(5.5 * longest * rate) + 1);
  const auto partial = [&](double relative, double level) {
    if (relative <= 0 || drum.tone_level <= 0) return;
    const double fastest = drum.tone_hz * speed * relative * std::max(1.0, drum.fall);
    if (fastest >= 0.49 * rate) return;
    double phase = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double t = static_cast<double>(i) / rate;
      const double hz = drum.tone_hz * speed * relative * (1 + (drum.fall - 1) * std::exp(-t / 0.03));
      samples[i] += static_cast<float>(level * drum.tone_level * std::exp(-t / drum.tone_decay_sec) * std::sin(phase));
      phase += kTau * hz / rate;
    }
  };
  partial(1, 1);
  partial(drum.second_partial, 0.7);
  partial(drum.third_partial, 0.5);
  if (drum.noise_level > 0) {
    // Band-pass of constant peak gain; Source: R. Bristow-Johnson, Audio EQ Cookbook.
    const double omega = kTau * std::min(drum.noise_hz * speed, 0.46 * rate) / rate;
    const double alpha = std::sin(omega) / (2 * drum.noise_q);
    const double b0 = alpha / (1 + alpha), a1 = -2 * std::cos(omega) / (1 + alpha), a2 = (1 - alpha) / (1 + alpha);
    Random random(static_cast<std::uint64_t>(key), 0xd7);
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double x = random.uniform(-1, 1);
      const double y = b0 * (x - x2) - a1 * y1 - a2 * y2;
      x2 = x1, x1 = x, y2 = y1, y1 = y;
      const double t = static_cast<double>(i) / rate;
      samples[i] += static_cast<float>(drum.noise_level * std::exp(-t / drum.noise_decay_sec) * y);
    }
  }
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  if (peak > 0) {
    for (float& sample : samples) sample *= 0.25f / peak;
  }
  return samples;
}

bool closes_hi_hat(int key) {
  return key == 42 || key == 44;
}

}  // namespace

void play_tone_drums(const Part& part, double rate, double speed, std::span<float> out) {
  std::map<int, std::vector<float>> strokes;
  const auto fade = static_cast<std::size_t>(0.01 * rate);
  for (std::size_t n = 0; n < part.notes.size(); ++n) {
    const auto& note = part.notes[n];
    auto [stroke, fresh] = strokes.try_emplace(note.pitch);
    if (fresh) stroke->second = strike(note.pitch, rate, speed);
    const auto& samples = stroke->second;
    const auto start = static_cast<std::size_t>(std::lround(std::max(0.0, note.onset_sec) * rate));
    if (start >= out.size()) continue;
    std::size_t length = std::min(samples.size(), out.size() - start);
    std::size_t damped = length;
    if (note.pitch == 46) {
      const auto closing = std::find_if(part.notes.begin() + static_cast<std::ptrdiff_t>(n) + 1, part.notes.end(),
                                        [](const PlayedNote& later) { return closes_hi_hat(later.pitch); });
      if (closing != part.notes.end()) {
        damped = std::min(damped, static_cast<std::size_t>(std::lround(closing->onset_sec * rate)) - start);
        length = std::min(length, damped + fade);
      }
    }
    const float strength = static_cast<float>(note.velocity) / 127.f;
    const float gain = strength * std::sqrt(strength);
    for (std::size_t i = 0; i < length; ++i) {
      const float left = i < damped ? 1.f : 1.f - static_cast<float>(i - damped) / static_cast<float>(fade);
      out[start + i] += gain * left * samples[i];
    }
  }
}

}  // namespace yourmt3
