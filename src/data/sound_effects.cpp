#include "data/sound_effects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

#include "data/stft.h"
#include "data/synthesizer.h"

namespace yourmt3 {
namespace {

constexpr double kPi = 3.141592653589793;
constexpr double kTwoPi = 6.283185307179586;
constexpr double kButterworth = 0.7071067811865476;
constexpr double kHighestCorner = 0.49 * kRenderRate;

double angle_of(double hz) {
  return kTwoPi * std::min(hz, kHighestCorner) / kRenderRate;
}

float smoothing(double seconds) {
  return static_cast<float>(1 - std::exp(-1 / std::max(1.0, seconds * kRenderRate)));
}

}  // namespace

double from_db(double db) {
  return std::pow(10.0, db / 20.0);
}

float peak_of(std::span<const float> samples) {
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

double root_mean_square(std::span<const float> samples) {
  double energy = 0;
  for (const float sample : samples) energy += static_cast<double>(sample) * sample;
  return samples.empty() ? 0 : std::sqrt(energy / static_cast<double>(samples.size()));
}

// Source of the formulas: R. Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients.

Biquad::Biquad(double b0, double b1, double b2, double a0, double a1, double a2)
    : b0_(static_cast<float>(b0 / a0)),
      b1_(static_cast<float>(b1 / a0)),
      b2_(static_cast<float>(b2 / a0)),
      a1_(static_cast<float>(a1 / a0)),
      a2_(static_cast<float>(a2 / a0)) {}

Biquad Biquad::peak(double centre_hz, double width, double gain_db) {
  const double a = std::sqrt(from_db(gain_db));
  const double w = angle_of(centre_hz);
  const double alpha = std::sin(w) / (2 * width);
  return {1 + alpha * a, -2 * std::cos(w), 1 - alpha * a, 1 + alpha / a, -2 * std::cos(w), 1 - alpha / a};
}

Biquad Biquad::low_shelf(double corner_hz, double gain_db) {
  const double a = std::sqrt(from_db(gain_db));
  const double c = std::cos(angle_of(corner_hz));
  const double s = 2 * std::sqrt(a) * std::sin(angle_of(corner_hz)) / (2 * kButterworth);
  return {a * (a + 1 - (a - 1) * c + s), 2 * a * (a - 1 - (a + 1) * c), a * (a + 1 - (a - 1) * c - s),
          a + 1 + (a - 1) * c + s,       -2 * (a - 1 + (a + 1) * c),    a + 1 + (a - 1) * c - s};
}

Biquad Biquad::high_shelf(double corner_hz, double gain_db) {
  const double a = std::sqrt(from_db(gain_db));
  const double c = std::cos(angle_of(corner_hz));
  const double s = 2 * std::sqrt(a) * std::sin(angle_of(corner_hz)) / (2 * kButterworth);
  return {a * (a + 1 + (a - 1) * c + s), -2 * a * (a - 1 + (a + 1) * c), a * (a + 1 + (a - 1) * c - s),
          a + 1 - (a - 1) * c + s,       2 * (a - 1 - (a + 1) * c),      a + 1 - (a - 1) * c - s};
}

Biquad Biquad::low_pass(double corner_hz) {
  const double c = std::cos(angle_of(corner_hz));
  const double alpha = std::sin(angle_of(corner_hz)) / (2 * kButterworth);
  return {(1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha};
}

Biquad Biquad::high_pass(double corner_hz) {
  const double c = std::cos(angle_of(corner_hz));
  const double alpha = std::sin(angle_of(corner_hz)) / (2 * kButterworth);
  return {(1 + c) / 2, -1 - c, (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha};
}

void Biquad::apply(std::span<float> samples) const {
  float s1 = 0;
  float s2 = 0;
  for (float& sample : samples) {
    const float x = sample;
    const float y = b0_ * x + s1;
    s1 = b1_ * x - a1_ * y + s2;
    s2 = b2_ * x - a2_ * y;
    sample = y;
  }
}

void reverberate(std::vector<float>& samples, const Reverberation& room, Random& random) {
  constexpr std::size_t kLines = 8;
  constexpr int kReflections = 6;
  std::vector<float> wet(samples.size());
  for (int r = 0; r < kReflections; ++r) {
    const auto delay = static_cast<std::size_t>(random.uniform(0.004, 0.04) * kRenderRate);
    const auto gain = static_cast<float>(random.uniform(-0.5, 0.5));
    for (std::size_t n = delay; n < samples.size(); ++n) wet[n] += gain * samples[n - delay];
  }
  std::array<std::vector<float>, kLines> lines;
  std::array<float, kLines> feedback{}, state{};
  std::array<std::size_t, kLines> at{};
  for (std::size_t i = 0; i < kLines; ++i) {
    // Lengths spread over 15 to 60 ms, so that echoes do not fall together.
    const double seconds = 0.015 + 0.045 * (static_cast<double>(i) + random.uniform()) / kLines;
    lines[i].resize(static_cast<std::size_t>(seconds * kRenderRate));
    feedback[i] = static_cast<float>(from_db(-60 * seconds / std::max(0.01, room.decay_sec)));
  }
  const auto step = static_cast<float>(std::clamp(0.2 + 0.8 * room.brightness, 0.05, 1.0));
  for (std::size_t n = 0; n < samples.size(); ++n) {
    std::array<float, kLines> out;
    float sum = 0;
    for (std::size_t i = 0; i < kLines; ++i) {
      state[i] += step * (lines[i][at[i]] - state[i]);
      out[i] = feedback[i] * state[i];
      sum += out[i];
    }
    wet[n] += sum;
    // A Householder reflection mixes the lines without loss.
    for (std::size_t i = 0; i < kLines; ++i) {
      lines[i][at[i]] = samples[n] + out[i] - sum * (2.f / kLines);
      if (++at[i] == lines[i].size()) at[i] = 0;
    }
  }
  const double dry = root_mean_square(samples);
  const double added = root_mean_square(wet);
  if (added <= 0) return;
  const auto gain = static_cast<float>(from_db(room.level_db) * dry / added);
  for (std::size_t n = 0; n < samples.size(); ++n) samples[n] += gain * wet[n];
}

void compress(std::span<float> samples, const Compression& compression) {
  const float peak = peak_of(samples);
  if (peak <= 0) return;
  constexpr float kDbPerOctave = 6.0205999f;
  const auto slope = static_cast<float>(1 / std::max(1.0, compression.ratio) - 1);
  const auto threshold = static_cast<float>(compression.threshold_db);
  const auto knee = static_cast<float>(std::max(1e-3, compression.knee_db));
  const float attack = smoothing(compression.attack_sec);
  const float release = smoothing(compression.release_sec);
  float level = 0;
  for (float& sample : samples) {
    const float now = std::abs(sample) / peak;
    level += (now > level ? attack : release) * (now - level);
    const float over = kDbPerOctave * std::log2(level + 1e-9f) - threshold;
    if (over <= -knee / 2) continue;
    const float bent = over < knee / 2 ? (over + knee / 2) * (over + knee / 2) / (2 * knee) : over;
    sample *= std::exp2(slope * bent / kDbPerOctave);
  }
}

void clip(std::span<float> samples, double drive_db, bool hard) {
  const float peak = peak_of(samples);
  if (peak <= 0) return;
  const auto drive = static_cast<float>(from_db(drive_db)) / peak;
  const float top = hard ? 1.f : std::tanh(drive * peak);
  for (float& sample : samples) {
    const float driven = drive * sample;
    sample = peak / top * (hard ? std::clamp(driven, -1.f, 1.f) : std::tanh(driven));
  }
}

void add_noise(std::span<float> samples, NoiseColour colour, double level, Random& random) {
  std::vector<float> noise(samples.size());
  if (colour == NoiseColour::kHum) {
    const double base = random.chance(0.5) ? 50 : 60;
    for (int harmonic = 1; harmonic <= 8; ++harmonic) {
      const double phase = random.uniform(0, kTwoPi);
      const double gain = random.uniform(0, 1) / harmonic;
      // A turning vector instead of a sine for each sample.
      const std::complex<double> turn = std::polar(1.0, kTwoPi * base * harmonic / kRenderRate);
      std::complex<double> now = std::polar(gain, phase);
      for (float& sample : noise) {
        sample += static_cast<float>(now.imag());
        now = {now.real() * turn.real() - now.imag() * turn.imag(),
               now.real() * turn.imag() + now.imag() * turn.real()};
      }
    }
  } else {
    for (float& sample : noise) {
      // The sum of four uniform numbers is close to normal.
      const std::uint64_t bits = random.bits();
      const auto sum = static_cast<int>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
      sample = static_cast<float>(sum - 2 * 65535);
    }
    if (colour == NoiseColour::kPink) {
      // Low-passes two octaves apart, each with the same energy: 1 / f within 1 dB from 20 Hz to 6 kHz.
      constexpr std::array<double, 5> kCorners = {12, 50, 200, 800, 3200};
      std::array<float, kCorners.size()> state{}, steps{}, gains{};
      for (std::size_t i = 0; i < kCorners.size(); ++i) {
        steps[i] = static_cast<float>(1 - std::exp(-kTwoPi * kCorners[i] / kRenderRate));
        gains[i] = static_cast<float>(1 / std::sqrt(steps[i]));
      }
      for (float& sample : noise) {
        float sum = 0;
        for (std::size_t i = 0; i < steps.size(); ++i) {
          state[i] += steps[i] * (sample - state[i]);
          sum += gains[i] * state[i];
        }
        sample = sum;
      }
    }
  }
  const double drawn = root_mean_square(noise);
  if (drawn <= 0) return;
  const auto gain = static_cast<float>(level / drawn);
  for (std::size_t n = 0; n < samples.size(); ++n) samples[n] += gain * noise[n];
}

void lose_as_codec(std::vector<float>& samples, const CodecLoss& loss) {
  constexpr int kWindow = 512;
  if (samples.size() <= kWindow / 2) return;
  const Stft stft(kWindow, kWindow / 2);
  auto spectrum = stft.forward(samples);
  const std::size_t n_bins = stft.n_bins();
  const double hz_per_bin = static_cast<double>(kRenderRate) / kWindow;
  const auto used = std::min(n_bins, static_cast<std::size_t>(std::max(0.0, loss.bandwidth_hz) / hz_per_bin) + 1);
  const auto coarseness = static_cast<float>(from_db(loss.coarseness_db));
  for (std::size_t frame = 0; frame < spectrum.size(); frame += n_bins) {
    std::complex<float>* bins = spectrum.data() + frame;
    std::fill(bins + used, bins + n_bins, std::complex<float>());
    // Bands as wide as a third of an octave, at least four bins.
    for (std::size_t low = 0; low < used;) {
      const std::size_t high = std::min(used, low + std::max<std::size_t>(4, low / 4));
      float loudest = 0;
      for (std::size_t bin = low; bin < high; ++bin) loudest = std::max(loudest, std::norm(bins[bin]));
      const float step = coarseness * std::sqrt(loudest);
      for (std::size_t bin = low; step > 0 && bin < high; ++bin) {
        bins[bin] = {step * std::nearbyint(bins[bin].real() / step), step * std::nearbyint(bins[bin].imag() / step)};
      }
      low = high;
    }
  }
  samples = stft.inverse(spectrum, samples.size());
}

}  // namespace yourmt3
