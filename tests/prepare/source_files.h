#pragma once

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "prepare/data_set.h"
#include "score/midi_file.h"
#include "support/temporary_folder.h"
#include "support/wav_bytes.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {

/// A folder in which a test lays out a data set.
class SourceFiles {
 public:
  const std::filesystem::path& path() const { return folder_.path(); }

  void text(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }
  void wav(const std::string& name, const std::vector<float>& samples, int sample_rate = 16000,
           int n_channels = 1) const {
    text(name, wav_bytes(samples, WavSample::kS16, n_channels, sample_rate));
  }
  void midi(const std::string& name, const MidiFile& file) const { text(name, serialize_midi(file)); }

 private:
  TemporaryFolder folder_;
};

/// A sine of this frequency, at half of full scale.
inline std::vector<float> sine(double seconds, double hz, int sample_rate = 16000) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * sample_rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / sample_rate));
  }
  return samples;
}

/// What a call throws, or "no error".
template <class Call>
std::string error_message(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

inline const PreparedSound* find_sound(const PreparedItem& item, std::string_view name) {
  for (const PreparedSound& sound : item.sounds) {
    if (sound.name == name) return &sound;
  }
  return nullptr;
}

}  // namespace yourmt3::testing
