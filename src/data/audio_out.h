#pragma once

#include <filesystem>
#include <span>

#include "core/atomic_file.h"

namespace yourmt3 {

/// Writes audio, the samples of its channels in turn, in the format that the file's name ends with: .wav and .flac (16
/// bits), .ogg (Vorbis) or .opus. The file appears whole or not at all. `quality` 0-1 is for the lossy ones. Throws
/// Error(kUnsupported) for other endings and Error(kIo).
void write_audio(const std::filesystem::path& path, std::span<const float> samples, int sample_rate, int channels,
                 AtomicFile::Existing existing = AtomicFile::Existing::kReplace, double quality = 0.4);

}  // namespace yourmt3
