#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// Loudness over a note, in the terms of a sound font. Times of decay and release are those of a fall by 96 dB.
struct GusEnvelope {
  double attack_sec = 0;
  double attenuation_db = 0;          ///< At the loudest point.
  double decay_sec = 0;               ///< From there to the level that is held.
  double sustain_db = 0;              ///< What is held, below the loudest point.
  std::optional<double> release_sec;  ///< None: the end of the key changes nothing.
};

/// Depth 0 is off.
struct GusModulation {
  double rate_hz = 0;
  double depth = 0;  ///< Cents of a vibrato, dB of a tremolo; either way.
};

/// One recording of an instrument. Frames are 16 bit, forwards, and the loop runs in one direction.
struct GusSample {
  std::vector<std::int16_t> frames;
  std::size_t loop_begin = 0;  ///< Frames; both 0 for a sample without loop.
  std::size_t loop_end = 0;    ///< The frame after the last one.
  int rate = 0;                ///< Hz.
  double low_hz = 0;           ///< Of the keys that it is meant for.
  double high_hz = 0;
  double root_hz = 0;  ///< Pitch when it is played at its rate.
  double pan = 0;      ///< -1 left to 1 right.
  std::optional<GusEnvelope> envelope;
  GusModulation tremolo;
  GusModulation vibrato;

  bool loops() const { return loop_end > 0; }
};

/// An instrument of the Gravis Ultrasound: the first layer of the first instrument in a .pat file.
struct GusPatch {
  std::vector<GusSample> samples;  ///< At least one, and each has frames.

  /// The sample for a pitch: of those meant for it, or else of all, the one whose root is nearest.
  const GusSample& sample_for(double hertz) const;
  /// The largest absolute value in all frames, 0 to 32768.
  int peak() const;
};

enum class GusLoops { kKeep, kStrip };

/// Reads a patch of version 1.00 or 1.10; `name` begins the messages. Throws Error(kMalformed) when the bytes are cut
/// or no patch, and when a sample has no frames, no rate, no pitch, or with GusLoops::kKeep a loop outside of it.
GusPatch parse_gus_patch(std::span<const std::byte> bytes, std::string_view name, GusLoops loops = GusLoops::kKeep);

/// The same from a file. Throws Error(kNotFound) and Error(kIo), too.
GusPatch read_gus_patch(const std::filesystem::path& path, GusLoops loops = GusLoops::kKeep);

}  // namespace yourmt3
