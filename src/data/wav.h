#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/mapped_file.h"

namespace yourmt3 {

/// Writes mono 16-bit WAV at 16 kHz, whole or not at all; samples beyond +-1 are clipped.
void write_stem_wav(const std::filesystem::path& path, std::span<const float> samples);

/// The samples in the bytes of a mono 16-bit WAV file at 16 kHz; `bytes` begin at an even address. Throws
/// Error(kMalformed), its message beginning with `name`, for another kind of WAV, a cut one, or none.
std::span<const std::int16_t> find_stem_samples(std::span<const std::byte> bytes, std::string_view name);

/// A mono 16-bit WAV file at 16 kHz, mapped; samples are read from the page cache when touched.
class StemWav {
 public:
  /// Throws Error(kNotFound), Error(kIo), or Error(kMalformed) as find_stem_samples().
  explicit StemWav(const std::filesystem::path& path);

  std::span<const std::int16_t> samples() const { return samples_; }

 private:
  MappedFile file_;
  std::span<const std::int16_t> samples_;
};

}  // namespace yourmt3
