#pragma once

#include <sndfile.h>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace yourmt3::testing {

/// Writes interleaved samples; `format` as libsndfile names it.
inline void write_sound_file(const std::filesystem::path& path, int format, int sample_rate, int n_channels,
                             std::span<const float> interleaved) {
  SF_INFO info{};
  info.format = format;
  info.samplerate = sample_rate;
  info.channels = n_channels;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (file == nullptr) throw std::runtime_error(path.string() + ": " + sf_strerror(nullptr));
  const sf_count_t n = static_cast<sf_count_t>(interleaved.size());
  const sf_count_t written = sf_write_float(file, interleaved.data(), n);
  sf_close(file);
  if (written != n) throw std::runtime_error(path.string() + ": not all samples written");
}

inline std::vector<float> sine(double hz, double amplitude, int sample_rate, std::size_t n_samples) {
  std::vector<float> samples(n_samples);
  for (std::size_t n = 0; n < n_samples; ++n) {
    samples[n] =
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(n) / sample_rate));
  }
  return samples;
}

/// The sine of frequency `hz` that fits best, and what it leaves.
struct SineFit {
  double amplitude = 0;
  double phase = 0;     ///< Radians, of a sine at sample 0.
  double residual = 0;  ///< Root mean square.
};

inline SineFit fit_sine(std::span<const float> samples, double hz, int sample_rate, std::size_t first = 0) {
  double ss = 0, sc = 0, cc = 0, xs = 0, xc = 0;
  const auto angle = [&](std::size_t i) {
    return 2 * std::numbers::pi * hz * static_cast<double>(first + i) / sample_rate;
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double s = std::sin(angle(i)), c = std::cos(angle(i)), x = samples[i];
    ss += s * s, sc += s * c, cc += c * c, xs += x * s, xc += x * c;
  }
  const double determinant = ss * cc - sc * sc;
  const double a = (xs * cc - xc * sc) / determinant, b = (xc * ss - xs * sc) / determinant;
  double sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double rest = samples[i] - a * std::sin(angle(i)) - b * std::cos(angle(i));
    sum += rest * rest;
  }
  return {std::hypot(a, b), std::atan2(b, a), std::sqrt(sum / static_cast<double>(samples.size()))};
}

}  // namespace yourmt3::testing
