#include "score/midi_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string big_endian(std::size_t value, int n_bytes) {
  std::string out;
  for (int i = n_bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

// A file of one track that holds `content`.
std::string one_track(const std::string& content, int division = 480) {
  return "MThd" + big_endian(6, 4) + big_endian(0, 2) + big_endian(1, 2) +
         big_endian(static_cast<unsigned>(division), 2) + "MTrk" + big_endian(content.size(), 4) + content;
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

std::string error_of(const std::string& file) {
  try {
    parse_midi(as_bytes(file));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kMalformed);
    return error.what();
  }
  return "no error";
}

TEST(MidiFile, RunningStatusAndMetaEventsAreRead) {
  const MidiFile file = parse_midi(as_bytes(one_track(bytes(
      {0, 0xC0, 5, 0, 0x90, 60, 64, 0x81, 0x00, 62, 64, 0, 0xFF, 0x03, 2, 'a', 'b', 10, 60, 0, 5, 0xFF, 0x2F, 0}))));
  ASSERT_EQ(file.tracks.size(), 1U);
  const MidiTrack& track = file.tracks[0];
  EXPECT_EQ(track.name(), "ab");
  EXPECT_EQ(track.end_tick, 143U);
  ASSERT_EQ(track.messages.size(), 5U);
  EXPECT_EQ(track.messages[2], (MidiMessage{.tick = 128, .status = 0x90, .data1 = 62, .data2 = 64}));
  EXPECT_EQ(track.messages[4], (MidiMessage{.tick = 138, .status = 0x90, .data1 = 60, .data2 = 0}));
}

TEST(MidiFile, SystemMessagesAndUnknownChunksArePassedOver) {
  std::string file = one_track(bytes({0, 0xF0, 3, 1, 2, 0xF7, 0, 0xF8, 0, 0x90, 60, 64, 0, 0xFF, 0x2F, 0}));
  file.insert(14, "Xtra" + big_endian(3, 4) + "abc");
  EXPECT_EQ(parse_midi(as_bytes(file)).tracks[0].messages.size(), 1U);
}

TEST(MidiFile, ErrorsNameTheByte) {
  EXPECT_THAT(error_of(""), HasSubstr("byte 0"));
  EXPECT_THAT(error_of("RIFF and more"), HasSubstr("no 'MThd'"));
  EXPECT_THAT(error_of(one_track(bytes({0, 60, 64}))), HasSubstr("byte 23: found data 0x3C"));
  EXPECT_THAT(error_of(one_track(bytes({0, 0x90, 60}))), HasSubstr("byte 25"));
  EXPECT_THAT(error_of(one_track(bytes({0, 0x90, 60, 0x90}))), HasSubstr("byte 25: found 0x90"));
  EXPECT_THAT(error_of(one_track(bytes({0xFF, 0xFF, 0xFF, 0xFF, 0}))), HasSubstr("byte 22: number"));
  EXPECT_THAT(error_of(one_track(bytes({0, 0xF4}))), HasSubstr("0xF4 is not a message"));
  EXPECT_THAT(error_of(one_track(bytes({0, 0xFF, 0x51, 1, 1}))), HasSubstr("tempo of 1 bytes"));
  EXPECT_THAT(error_of(one_track("", 0)), HasSubstr("division is zero"));
}

TEST(MidiFile, LengthsBeyondTheEndAreErrors) {
  EXPECT_THAT(error_of(one_track(bytes({0, 0xFF, 0x01, 0xFF, 0xFF, 0xFF, 0x7F, 'a'}))), HasSubstr("beyond the end"));
  EXPECT_THAT(error_of(one_track(bytes({0, 0xF0, 0x7F, 1}))), HasSubstr("beyond the end"));
  std::string file = one_track(bytes({0, 0xFF, 0x2F, 0}));
  file[18] = '\x7F';  // The size of the track: 2 GB.
  EXPECT_THAT(error_of(file), HasSubstr("beyond the end"));
  EXPECT_THAT(error_of("MThd" + big_endian(0xFFFFFFFF, 4) + big_endian(0, 6) + bytes({0, 1})), HasSubstr("MIDI byte"));
}

TEST(MidiFile, EveryCutOfAFileIsAnErrorNotACrash) {
  const std::string whole = one_track(bytes({0, 0xC0, 5, 0, 0x90, 60, 64, 0x83, 0x60, 60, 0, 0, 0xFF, 0x2F, 0}));
  EXPECT_NO_THROW(parse_midi(as_bytes(whole)));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(error_of(whole.substr(0, size)), "no error") << size;
}

TEST(MidiFile, ErrorOfAFileBeginsWithItsPath) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder / "song.mid") << "not music";
  try {
    read_midi_file(folder / "song.mid");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("song.mid: MIDI byte 0"));
  }
  EXPECT_THROW(read_midi_file(folder / "missing.mid"), Error);
}

TEST(MidiFile, WhatTheFormatCannotHoldIsNotWritten) {
  const auto write = [](MidiMessage message) { return serialize_midi({.tracks = {{.messages = {message}}}}); };
  EXPECT_NO_THROW(write({.tick = 0x0FFFFFFF, .status = 0x90, .data1 = 127}));
  EXPECT_THROW(write({.tick = 0x10000000, .status = 0x90}), Error);
  EXPECT_THROW(write({.status = 0x90, .data1 = 128}), Error);
  EXPECT_THROW(write({.status = 0xF0}), Error);
  EXPECT_THROW(serialize_midi({.ticks_per_quarter = 0}), Error);
  EXPECT_THROW(serialize_midi({.tracks = {{.messages = {{.tick = 2, .status = 0x90}, {.tick = 1, .status = 0x90}}}}}),
               Error);
}

}  // namespace
}  // namespace yourmt3
