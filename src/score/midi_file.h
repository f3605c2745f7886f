#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

inline constexpr std::uint8_t kMidiNoteOff = 0x80;
inline constexpr std::uint8_t kMidiNoteOn = 0x90;
inline constexpr std::uint8_t kMidiControl = 0xB0;
inline constexpr std::uint8_t kMidiProgram = 0xC0;
inline constexpr std::uint8_t kMidiMeta = 0xFF;
inline constexpr std::uint8_t kMidiMetaTrackName = 0x03;
inline constexpr std::uint8_t kMidiMetaTempo = 0x51;
inline constexpr std::uint8_t kMidiMetaTimeSignature = 0x58;
inline constexpr std::uint8_t kMidiMetaKeySignature = 0x59;
inline constexpr int kDrumMidiChannel = 9;  ///< The tenth, counted from zero.

/// A channel message or a meta event. System exclusive and end-of-track messages are not kept.
struct MidiMessage {
  std::uint64_t tick = 0;   ///< From the start of the track.
  std::uint8_t status = 0;  ///< 0x80 to 0xEF, or kMidiMeta.
  std::uint8_t data1 = 0;   ///< First data byte; of a meta event, its type.
  std::uint8_t data2 = 0;   ///< Second data byte, 0 where the message has one.
  std::string data = {};    ///< Content of a meta event; text is Latin-1 or whatever the writer used.

  bool is_channel() const { return status != kMidiMeta; }
  std::uint8_t kind() const { return is_channel() ? status & 0xF0 : status; }
  int channel() const { return status & 0x0F; }
  bool is_meta(std::uint8_t type) const { return status == kMidiMeta && data1 == type; }

  friend bool operator==(const MidiMessage&, const MidiMessage&) = default;
};

/// Messages in ascending order of their ticks.
struct MidiTrack {
  std::vector<MidiMessage> messages = {};
  std::uint64_t end_tick = 0;  ///< Where the track ends, at or after its last message.

  /// The first track name, empty without one.
  std::string name() const;

  friend bool operator==(const MidiTrack&, const MidiTrack&) = default;
};

/// A Standard MIDI File, message by message.
struct MidiFile {
  int format = 1;               ///< 0: one track; 1: tracks played together; 2: independent patterns.
  int ticks_per_quarter = 480;  ///< 0 when the file counts SMPTE frames instead.
  double ticks_per_second = 0;  ///< Of a file that counts SMPTE frames; tempo events then mean nothing.
  std::vector<MidiTrack> tracks = {};

  friend bool operator==(const MidiFile&, const MidiFile&) = default;
};

/// Reads the bytes of a file. Throws Error(kMalformed) with the byte offset, or Error(kUnsupported) for more than
/// 32 MiB; memory stays below 32 times the size of the file.
MidiFile parse_midi(std::span<const std::byte> bytes);

/// parse_midi() of a file; the message of an error begins with its path.
MidiFile read_midi_file(const std::filesystem::path& path);

/// The bytes of a file, with running status. Throws Error(kInvalidArgument) for messages out of order, data bytes above
/// 127, and times or sizes that the format cannot hold.
std::string serialize_midi(const MidiFile& file);

}  // namespace yourmt3
