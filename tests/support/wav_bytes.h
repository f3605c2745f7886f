#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <string>
#include <vector>

namespace yourmt3::testing {

enum class WavSample { kU8, kS16, kF32 };

/// A header for `n_frames` frames; the samples follow it.
inline std::string wav_header(WavSample type, int n_channels, int sample_rate, std::uint32_t n_frames) {
  const int width = type == WavSample::kU8 ? 1 : type == WavSample::kS16 ? 2 : 4;
  const std::uint32_t data_bytes = n_frames * static_cast<std::uint32_t>(n_channels * width);
  std::string bytes;
  const auto put = [&bytes](std::uint32_t value, int n) {
    for (int i = 0; i < n; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  bytes += "RIFF";
  put(36 + data_bytes, 4);
  bytes += "WAVEfmt ";
  put(16, 4);
  put(type == WavSample::kF32 ? 3 : 1, 2);
  put(static_cast<std::uint32_t>(n_channels), 2);
  put(static_cast<std::uint32_t>(sample_rate), 4);
  put(static_cast<std::uint32_t>(sample_rate * n_channels * width), 4);
  put(static_cast<std::uint32_t>(n_channels * width), 2);
  put(static_cast<std::uint32_t>(8 * width), 2);
  bytes += "data";
  put(data_bytes, 4);
  return bytes;
}

/// A whole file; every channel holds the same `mono` samples.
inline std::string wav_bytes(const std::vector<float>& mono, WavSample type = WavSample::kS16, int n_channels = 1,
                             int sample_rate = 16000) {
  std::string bytes = wav_header(type, n_channels, sample_rate, static_cast<std::uint32_t>(mono.size()));
  for (const float sample : mono) {
    std::string one(4, '\0');
    if (type == WavSample::kU8) {
      one.assign(1, static_cast<char>(std::lround(sample * 127) + 128));
    } else if (type == WavSample::kS16) {
      const auto value = static_cast<std::int16_t>(std::lround(sample * 32767));
      one.assign(reinterpret_cast<const char*>(&value), 2);
    } else {
      std::memcpy(one.data(), &sample, 4);
    }
    for (int channel = 0; channel < n_channels; ++channel) bytes += one;
  }
  return bytes;
}

/// Some tones with pauses.
inline std::vector<float> tones(double seconds, int sample_rate = 16000) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * sample_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double time_sec = static_cast<double>(i) / sample_rate;
    const double since_sec = std::fmod(time_sec, 0.5);
    const double frequency_hz = 220 * std::exp2(std::floor(time_sec / 0.5) * 5 / 12);
    samples[i] = static_cast<float>(0.5 * std::exp(-3 * since_sec) *
                                    std::sin(2 * std::numbers::pi * std::fmod(frequency_hz, 2000) * since_sec));
  }
  return samples;
}

}  // namespace yourmt3::testing
