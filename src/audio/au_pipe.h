#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/child_process.h"

namespace yourmt3 {

/// Sound as decoders hand it over through a pipe: Sun's audio format, samples as big-endian 32-bit floats.
struct AuHeader {
  std::uint32_t sample_rate = 0;  ///< Hz.
  std::uint32_t n_channels = 0;
  std::optional<std::uint32_t> n_frames;  ///< When it is known beforehand.
};

/// The beginning of what is written; lengths that do not fit are not told.
std::string au_bytes(const AuHeader& header);

/// Samples as they follow.
std::string au_bytes(std::span<const float> samples);

/// Reads the beginning. Nothing when the process ends before; throws Error(kMalformed) when what it writes is no such
/// header. Throws Error(kCancelled).
std::optional<AuHeader> read_au_header(ChildProcess& from);

/// Fills `interleaved`, whole frames, unless the output ends before; returns the number of frames. Throws
/// Error(kCancelled).
std::size_t read_au_frames(ChildProcess& from, std::span<float> interleaved, std::size_t n_channels);

}  // namespace yourmt3
