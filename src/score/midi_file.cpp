#include "score/midi_file.h"

#include <algorithm>
#include <limits>

#include "core/fail.h"
#include "core/mapped_file.h"

namespace yourmt3 {

namespace {

// Source: Standard MIDI Files 1.0; the byte layout of messages is that of the MIDI 1.0 Detailed Specification.

constexpr std::size_t kMaxFileBytes = std::size_t{32} << 20;
constexpr std::uint8_t kMetaEndOfTrack = 0x2F;
constexpr std::uint32_t kMaxVariableLength = 0x0FFFFFFF;

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::size_t begin, std::size_t end)
      : bytes_(bytes), position_(begin), end_(end) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return end_ - position_; }

  std::uint8_t peek() const {
    need(1, "a byte");
    return static_cast<std::uint8_t>(bytes_[position_]);
  }

  std::uint8_t byte() {
    const std::uint8_t value = peek();
    ++position_;
    return value;
  }

  std::uint32_t big_endian(int n_bytes) {
    need(static_cast<std::size_t>(n_bytes), "a number");
    std::uint32_t value = 0;
    for (int i = 0; i < n_bytes; ++i) value = value << 8 | byte();
    return value;
  }

  std::uint32_t variable_length() {
    const std::size_t start = position_;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t next = byte();
      value = value << 7 | (next & 0x7F);
      if (next < 0x80) return value;
    }
    fail(ErrorCode::kMalformed, "MIDI byte {}: number of variable length has more than 4 bytes", start);
  }

  std::uint8_t data_byte() {
    const std::uint8_t value = byte();
    if (value >= 0x80) {
      fail(ErrorCode::kMalformed, "MIDI byte {}: found 0x{:02X}, expected a data byte below 0x80", position_ - 1,
           value);
    }
    return value;
  }

  std::string text(std::size_t size) {
    need(size, "text");
    const char* begin = reinterpret_cast<const char*>(bytes_.data()) + position_;
    position_ += size;
    return {begin, size};
  }

  void skip(std::size_t size, const char* what) {
    need(size, what);
    position_ += size;
  }

 private:
  void need(std::size_t size, const char* what) const {
    if (size > left()) {
      fail(ErrorCode::kMalformed, "MIDI byte {}: {} of {} bytes goes beyond the end at byte {}; is the file cut?",
           position_, what, size, end_);
    }
  }

  std::span<const std::byte> bytes_;
  std::size_t position_;
  std::size_t end_;
};

int data_bytes_of(std::uint8_t status) {
  const std::uint8_t kind = status & 0xF0;
  return kind == 0xC0 || kind == 0xD0 ? 1 : 2;
}

// Data bytes of a system message other than F0, F7 and FF, which have a length of their own; -1: not defined.
int system_data_bytes(std::uint8_t status) {
  switch (status) {
    case 0xF1:
    case 0xF3:
      return 1;
    case 0xF2:
      return 2;
    case 0xF6:
    case 0xF8:
    case 0xFA:
    case 0xFB:
    case 0xFC:
    case 0xFE:
      return 0;
    default:
      return -1;
  }
}

MidiTrack read_track(Reader reader) {
  MidiTrack track;
  std::uint64_t tick = 0;
  std::uint8_t running_status = 0;
  while (reader.left() > 0) {
    tick += reader.variable_length();
    const std::size_t at = reader.position();
    std::uint8_t status = reader.peek();
    if (status < 0x80) {
      if (running_status == 0) {
        fail(ErrorCode::kMalformed,
             "MIDI byte {}: found data 0x{:02X} where a message begins, without a running status", at, status);
      }
      status = running_status;
    } else {
      reader.byte();
    }
    if (status < 0xF0) {
      running_status = status;
      MidiMessage message{.tick = tick, .status = status, .data1 = reader.data_byte()};
      if (data_bytes_of(status) == 2) message.data2 = reader.data_byte();
      track.messages.push_back(std::move(message));
    } else if (status == kMidiMeta) {
      // Many writers go on with the running status after a meta event, so it is kept.
      const std::uint8_t type = reader.byte();
      std::string data = reader.text(reader.variable_length());
      if (type == kMetaEndOfTrack) break;
      if (type == kMidiMetaTempo && data.size() < 3) {
        fail(ErrorCode::kMalformed, "MIDI byte {}: tempo of {} bytes, expected 3", at, data.size());
      }
      track.messages.push_back({.tick = tick, .status = kMidiMeta, .data1 = type, .data = std::move(data)});
    } else if (status == 0xF0 || status == 0xF7) {
      running_status = 0;
      reader.skip(reader.variable_length(), "a system exclusive message");
    } else {
      const int n_data = system_data_bytes(status);
      if (n_data < 0) fail(ErrorCode::kMalformed, "MIDI byte {}: 0x{:02X} is not a message", at, status);
      reader.skip(static_cast<std::size_t>(n_data), "a system message");
    }
  }
  track.end_tick = tick;
  return track;
}

void append_big_endian(std::string& out, std::uint32_t value, int n_bytes) {
  for (int i = n_bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

void append_variable_length(std::string& out, std::uint64_t value) {
  if (value > kMaxVariableLength) {
    fail(ErrorCode::kInvalidArgument, "a MIDI file cannot hold a pause or text of {} ticks or bytes", value);
  }
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift != 0) out.push_back(static_cast<char>(0x80 | (value >> shift & 0x7F)));
  }
  out.push_back(static_cast<char>(value & 0x7F));
}

void append_channel_message(std::string& out, const MidiMessage& message, std::uint8_t& running_status) {
  if (message.status < 0x80 || message.status >= 0xF0 || message.data1 > 127 || message.data2 > 127) {
    fail(ErrorCode::kInvalidArgument, "0x{:02X} {} {} is not a MIDI channel message", message.status, message.data1,
         message.data2);
  }
  if (message.status != running_status) out.push_back(static_cast<char>(message.status));
  running_status = message.status;
  out.push_back(static_cast<char>(message.data1));
  if (data_bytes_of(message.status) == 2) out.push_back(static_cast<char>(message.data2));
}

std::string serialize_track(const MidiTrack& track) {
  std::string out;
  std::uint64_t tick = 0;
  std::uint8_t running_status = 0;
  for (const MidiMessage& message : track.messages) {
    if (message.tick < tick) fail(ErrorCode::kInvalidArgument, "MIDI messages are not in order at tick {}", tick);
    append_variable_length(out, message.tick - tick);
    tick = message.tick;
    if (message.is_channel()) {
      append_channel_message(out, message, running_status);
    } else {
      running_status = 0;
      out.push_back(static_cast<char>(kMidiMeta));
      out.push_back(static_cast<char>(message.data1));
      append_variable_length(out, message.data.size());
      out += message.data;
    }
  }
  append_variable_length(out, std::max(track.end_tick, tick) - tick);
  out += {static_cast<char>(kMidiMeta), static_cast<char>(kMetaEndOfTrack), '\0'};
  return out;
}

}  // namespace

std::string MidiTrack::name() const {
  const auto found = std::find_if(messages.begin(), messages.end(),
                                  [](const MidiMessage& message) { return message.is_meta(kMidiMetaTrackName); });
  return found == messages.end() ? std::string() : found->data;
}

MidiFile parse_midi(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxFileBytes) {
    fail(ErrorCode::kUnsupported, "a MIDI file of {} bytes is larger than the limit of {}", bytes.size(),
         kMaxFileBytes);
  }
  Reader reader(bytes, 0, bytes.size());
  if (bytes.size() < 4 || reader.text(4) != "MThd") {
    fail(ErrorCode::kMalformed, "MIDI byte 0: found no 'MThd'; this is not a Standard MIDI File");
  }
  const std::uint32_t header_size = reader.big_endian(4);
  if (header_size < 6) fail(ErrorCode::kMalformed, "MIDI byte 4: header of {} bytes, expected 6", header_size);
  MidiFile file;
  file.format = static_cast<int>(reader.big_endian(2));
  if (file.format > 2) {
    fail(ErrorCode::kUnsupported, "MIDI byte 8: format {}, expected 0, 1 or 2", file.format);
  }
  const std::uint32_t n_tracks = reader.big_endian(2);
  const std::uint32_t division = reader.big_endian(2);
  if ((division & 0x8000) != 0) {
    const int frames_per_second = 256 - static_cast<int>(division >> 8);
    file.ticks_per_quarter = 0;
    // 29 stands for 30 frames with some numbers dropped, at 29.97 frames a second.
    const double frame_rate = frames_per_second == 29 ? 30000.0 / 1001.0 : frames_per_second;
    file.ticks_per_second = frame_rate * (division & 0xFF);
  } else {
    file.ticks_per_quarter = static_cast<int>(division);
  }
  if ((division & (division & 0x8000 ? 0xFF : 0xFFFF)) == 0) {
    fail(ErrorCode::kMalformed, "MIDI byte 12: the time division is zero");
  }
  reader.skip(header_size - 6, "the header");

  while (file.tracks.size() < n_tracks) {
    if (reader.left() == 0) {
      fail(ErrorCode::kMalformed, "MIDI byte {}: the file ends after {} tracks, its header promises {}",
           reader.position(), file.tracks.size(), n_tracks);
    }
    const std::string kind = reader.text(4);
    const std::uint32_t size = reader.big_endian(4);
    const std::size_t begin = reader.position();
    reader.skip(size, "a chunk");
    if (kind == "MTrk") file.tracks.push_back(read_track(Reader(bytes, begin, begin + size)));
  }
  return file;
}

MidiFile read_midi_file(const std::filesystem::path& path) {
  const MappedFile mapped(path);
  try {
    return parse_midi(mapped.bytes());
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", path.string(), error.what()));
  }
}

std::string serialize_midi(const MidiFile& file) {
  if (file.tracks.size() > std::numeric_limits<std::uint16_t>::max()) {
    fail(ErrorCode::kInvalidArgument, "a MIDI file cannot hold {} tracks", file.tracks.size());
  }
  if (file.ticks_per_quarter < 1 || file.ticks_per_quarter > 0x7FFF) {
    fail(ErrorCode::kInvalidArgument, "{} ticks per quarter, expected 1 to 32767", file.ticks_per_quarter);
  }
  std::string out = "MThd";
  append_big_endian(out, 6, 4);
  append_big_endian(out, static_cast<std::uint32_t>(file.format), 2);
  append_big_endian(out, static_cast<std::uint32_t>(file.tracks.size()), 2);
  append_big_endian(out, static_cast<std::uint32_t>(file.ticks_per_quarter), 2);
  for (const MidiTrack& track : file.tracks) {
    const std::string bytes = serialize_track(track);
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
      fail(ErrorCode::kInvalidArgument, "a MIDI track cannot hold {} bytes", bytes.size());
    }
    out += "MTrk";
    append_big_endian(out, static_cast<std::uint32_t>(bytes.size()), 4);
    out += bytes;
  }
  return out;
}

}  // namespace yourmt3
