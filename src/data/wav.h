#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "core/mapped_file.h"

namespace yourmt3 {

/// Writes mono 16-bit WAV at 16 kHz, whole or not at all; samples beyond +-1 are clipped.
void write_stem_wav(const std::filesystem::path& path, std::span<const float> samples);

/// A mono 16-bit WAV file at 16 kHz, mapped; samples are read from the page cache when touched.
class StemWav {
 public:
  /// Throws Error(kNotFound), or Error(kMalformed) naming the file when it is another kind of WAV, cut, or none.
  explicit StemWav(const std::filesystem::path& path);

  std::span<const std::int16_t> samples() const { return samples_; }

 private:
  MappedFile file_;
  std::span<const std::int16_t> samples_;
};

}  // namespace yourmt3
