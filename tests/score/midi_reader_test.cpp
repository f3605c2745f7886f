#include "score/midi_reader.h"

#include <gtest/gtest.h>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

MidiMessage channel(std::uint64_t tick, int status, int data1, int data2 = 0) {
  return {.tick = tick,
          .status = static_cast<std::uint8_t>(status),
          .data1 = static_cast<std::uint8_t>(data1),
          .data2 = static_cast<std::uint8_t>(data2)};
}

MidiMessage name(const std::string& text) {
  return {.status = kMidiMeta, .data1 = kMidiMetaTrackName, .data = text};
}

MidiTrack note_track(const std::string& track_name, int midi_channel, int pitch) {
  return {.messages = {name(track_name), channel(480, 0x90 + midi_channel, pitch, 90),
                       channel(960, 0x80 + midi_channel, pitch)},
          .end_tick = 960};
}

TEST(MidiReader, GeneralMidiNeedsNoProgramsAndKnowsTheDrumChannel) {
  const MidiFile file{.tracks = {note_track("", 0, 60), note_track("", 9, 36)}};
  EXPECT_THROW(read_notes(file), Error);
  EXPECT_EQ(read_notes(file, general_midi_options()).notes,
            (std::vector<Note>{{false, 0, 0.5, 1.0, 60, 1}, {true, kDrumProgram, 0.5, 0.51, 36, 1}}));
}

TEST(MidiReader, SingingIsKnownByTheNameOfItsTrack) {
  const MidiFile file{.tracks = {note_track("Singing Voice", 0, 60), note_track("singing voice (chorus)", 1, 62)}};
  const std::vector<Note> notes = read_notes(file, general_midi_options()).notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].program, kSingingProgram);
  EXPECT_EQ(notes[1].program, kChorusProgram);
}

TEST(MidiReader, NamedTracksReserveTheirChannels) {
  MidiFile file{.tracks = {note_track("Bass", 0, 40), note_track("Kit", 1, 36)}};
  file.tracks[0].messages.insert(file.tracks[0].messages.begin() + 1, channel(0, 0xC0, 80));
  MidiNoteOptions options;
  options.program_of_track_name = {{"BASS", 33}, {"kit", kDrumProgram}};
  EXPECT_EQ(read_notes(file, options).notes,
            (std::vector<Note>{{false, 33, 0.5, 1.0, 40, 1}, {true, kDrumProgram, 0.5, 0.51, 36, 1}}));
}

TEST(MidiReader, PartsAreTracksChannelsAndProgramsWithTheirVelocities) {
  MidiFile file{.tracks = {note_track("Left", 0, 40), note_track("Right", 0, 70), note_track("Kit", 9, 36)}};
  file.tracks[0].messages.push_back(channel(960, 0xC0, 24));
  file.tracks[0].messages.push_back(channel(960, 0x90, 50, 33));
  file.tracks[0].messages.push_back(channel(1440, 0x80, 50));
  MidiNoteOptions options = general_midi_options();
  options.binary_velocity = false;
  const std::vector<MidiPart> parts = read_parts(file, options);
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].track_name, "Left");
  EXPECT_EQ(parts[0].notes, (std::vector<Note>{{false, 0, 0.5, 1.0, 40, 90}}));
  EXPECT_EQ(parts[1].program, 24);
  EXPECT_EQ(parts[1].notes, (std::vector<Note>{{false, 24, 1.0, 1.5, 50, 33}}));
  EXPECT_EQ(parts[2].track, 1);
  EXPECT_EQ(parts[3].program, kDrumProgram);
  EXPECT_EQ(parts[3].channel, 9);
}

TEST(MidiReader, SmpteFramesAreSeconds) {
  MidiFile file{.ticks_per_quarter = 0, .ticks_per_second = 25 * 40, .tracks = {note_track("", 0, 60)}};
  const MidiNotes found = read_notes(file, general_midi_options());
  EXPECT_EQ(found.notes, (std::vector<Note>{{false, 0, 0.48, 0.96, 60, 1}}));
  EXPECT_DOUBLE_EQ(found.duration_sec, 0.96);
}

TEST(MidiReader, IndependentPatternsAreNotSupported) {
  EXPECT_THROW(read_notes({.format = 2}), Error);
  EXPECT_THROW(read_parts({.format = 2}, {}), Error);
}

TEST(MidiReader, HundredsOfEqualNotesAtOnceAreNoMusic) {
  MidiFile file{.tracks = {MidiTrack{}}};
  for (int i = 0; i < 256; ++i) file.tracks[0].messages.push_back(channel(480, 0x90, 60, 1 + i % 127));
  EXPECT_NO_THROW(read_notes(file, general_midi_options()));
  file.tracks[0].messages.push_back(channel(480, 0x90, 60, 1));
  EXPECT_THROW(read_notes(file, general_midi_options()), Error);
  file.tracks[0].messages.back().tick = 481;
  EXPECT_NO_THROW(read_notes(file, general_midi_options()));
}

}  // namespace
}  // namespace yourmt3
