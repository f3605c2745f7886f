#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/atomic_file.h"

namespace yourmt3 {

/// The bytes of an audio file, from the samples of its channels in turn. `extension` names the format: .wav and .flac
/// (16 bits), .ogg (Vorbis), .opus or .mp3. `quality` 0-1 is for the lossy ones. Samples beyond +-1 are clipped. Throws
/// Error(kUnsupported) for other extensions and Error(kInvalidArgument) for a rate or number of channels that the
/// format does not have.
std::string audio_bytes(std::string_view extension, std::span<const float> samples, int sample_rate, int channels,
                        double quality = 0.4);

/// Writes them to a file, in the format that its name ends with; it appears whole or not at all. Throws as
/// audio_bytes(), and Error(kIo).
void write_audio(const std::filesystem::path& path, std::span<const float> samples, int sample_rate, int channels,
                 AtomicFile::Existing existing = AtomicFile::Existing::kReplace, double quality = 0.4);

}  // namespace yourmt3
