#include "score/midi_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "score/midi_reader.h"
#include "score/note_ops.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

int channel_of(const MidiTrack& track) {
  return track.messages.at(1).channel();
}

// `n` instruments; the first plays one note, the second two and so on, never two at a time.
std::vector<Note> many_instruments(int n) {
  std::vector<Note> notes;
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k <= i; ++k) {
      const double onset_sec = (static_cast<int>(notes.size()) * 10) / 100.0;
      const double offset_sec = (static_cast<int>(notes.size()) * 10 + 5) / 100.0;
      notes.push_back({false, 3 * i, onset_sec, offset_sec, 60, 1});
    }
  }
  return notes;
}

TEST(MidiWriter, TracksAreNamedAndDrumsPlayOnChannelTen) {
  const std::vector<Note> notes{
      {true, kDrumProgram, 1, 1.01, 36, 1}, {false, 34, 1, 2, 40, 1}, {false, 0, 1, 2, 60, 1}};
  const MidiFile file = notes_to_midi(notes);
  ASSERT_EQ(file.tracks.size(), 4U);
  EXPECT_EQ(file.tracks[1].name(), "Acoustic Piano");
  EXPECT_EQ(file.tracks[2].name(), "Bass");
  EXPECT_EQ(file.tracks[3].name(), "Drums");
  EXPECT_EQ(channel_of(file.tracks[3]), kDrumMidiChannel);
}

TEST(MidiWriter, ChannelTenIsLeftFreeForDrums) {
  const MidiFile file = notes_to_midi(many_instruments(12), {.instruments = nullptr});
  std::set<int> channels;
  for (std::size_t i = 1; i < file.tracks.size(); ++i) channels.insert(channel_of(file.tracks[i]));
  EXPECT_EQ(channels.size(), 12U);
  EXPECT_FALSE(channels.contains(kDrumMidiChannel));
}

TEST(MidiWriter, MoreThanFifteenInstrumentsShareTheLastChannelByProgramChanges) {
  const std::vector<Note> notes = many_instruments(20);
  const MidiFile file = notes_to_midi(notes, {.instruments = &program_vocabulary("gm_full")});
  ASSERT_EQ(file.tracks.size(), 21U);
  int n_shared = 0;
  for (std::size_t i = 1; i < file.tracks.size(); ++i) {
    // Tracks are in the order of programs; those with the fewest notes come first here.
    EXPECT_EQ(channel_of(file.tracks[i]) == 15, i <= 6) << i;
    n_shared += channel_of(file.tracks[i]) == 15 ? 1 : 0;
  }
  EXPECT_EQ(n_shared, 6);
  EXPECT_EQ(read_notes(file, general_midi_options()).notes, notes);
}

TEST(MidiWriter, ReferenceLosesProgramsOnTheSharedChannel) {
  const std::vector<Note> notes = many_instruments(20);
  const MidiFile file = notes_to_midi(notes, {.instruments = &program_vocabulary("gm_full"), .as_reference = true});
  EXPECT_NE(read_notes(file, general_midi_options()).notes, notes);
}

TEST(MidiWriter, OneKeyOfASharedChannelSoundsOnce) {
  std::vector<Note> notes = many_instruments(20);
  // Programs 0 and 3 share the channel; the second one begins while the first one holds the same key.
  notes.push_back({false, 0, 100, 102, 50, 1});
  notes.push_back({false, 3, 101, 103, 50, 1});
  const MidiFile file = notes_to_midi(notes, {.instruments = &program_vocabulary("gm_full")});
  const std::vector<Note> read = read_notes(file, general_midi_options()).notes;
  ASSERT_EQ(read.size(), notes.size());
  EXPECT_EQ(read[read.size() - 2], (Note{false, 0, 100, 101, 50, 1}));
  EXPECT_EQ(read[read.size() - 1], (Note{false, 3, 101, 103, 50, 1}));
}

TEST(MidiWriter, GroupedProgramsDoNotOverlapInOneTrack) {
  const std::vector<Note> notes{{false, 0, 1, 4, 60, 1}, {false, 1, 2, 3, 60, 1}};
  EXPECT_EQ(read_notes(notes_to_midi(notes), general_midi_options()).notes,
            (std::vector<Note>{{false, 0, 1, 2, 60, 1}, {false, 0, 2, 3, 60, 1}}));
}

TEST(MidiWriter, LoudnessIsKeptWhereItIsKnown) {
  const std::vector<Note> notes{{false, 0, 1, 2, 60, 1}, {false, 0, 2, 3, 60, 17}};
  MidiNoteOptions options = general_midi_options();
  options.binary_velocity = false;
  const std::vector<Note> read = read_notes(notes_to_midi(notes), options).notes;
  EXPECT_EQ(read.at(0).velocity, 100);
  EXPECT_EQ(read.at(1).velocity, 17);
}

TEST(MidiWriter, WhatMidiCannotHoldIsAnError) {
  EXPECT_THROW(notes_to_midi(std::vector<Note>{{false, 0, -1, 2, 60, 1}}), Error);
  EXPECT_THROW(notes_to_midi(std::vector<Note>{{false, 0, 1, 2, 128, 1}}), Error);
  EXPECT_THROW(notes_to_midi(std::vector<Note>{{false, kUnannotatedProgram, 1, 2, 60, 1}}), Error);
  EXPECT_THROW(notes_to_midi(std::vector<Note>{{false, 0, 1, 1e12, 60, 1}}), Error);
}

TEST(MidiWriter, NoNotesAreAFileWithOneEmptyTrack) {
  EXPECT_EQ(notes_to_midi({}).tracks.size(), 1U);
  EXPECT_TRUE(read_notes(notes_to_midi({})).notes.empty());
}

}  // namespace
}  // namespace yourmt3
