#include "yourmt3/notation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "made_up_music.h"
#include "score/midi_file.h"
#include "score_reader.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Notation, FindsBeatsBarsMetreAndKey) {
  const Beats found = find_beats(four_four(0.5, 4));
  ASSERT_GE(found.beats.size(), 16u);
  for (std::size_t i = 0; i < found.beats.size(); ++i) {
    EXPECT_NEAR(found.beats[i].time_sec, 0.5 * static_cast<double>(i), 0.01);
    EXPECT_EQ(found.beats[i].begins_bar, i % 4 == 0) << i;
  }
  EXPECT_NEAR(found.quarters_per_minute, 120, 1);
  EXPECT_EQ(found.numerator, 4);
  EXPECT_EQ(found.denominator, 4);
  EXPECT_EQ(found.tonic, "G");
  EXPECT_FALSE(found.is_minor);
  EXPECT_EQ(found.fifths, 1);
}

TEST(Notation, CountsNothingBeforeTheRecording) {
  for (const Beat& beat : find_beats(four_four(0.5, 4, 0.2)).beats) EXPECT_GE(beat.time_sec, 0);
}

TEST(Notation, WithoutNotesThereAreNoBeats) {
  const Beats found = find_beats({});
  EXPECT_THAT(found.beats, IsEmpty());
  EXPECT_EQ(found.quarters_per_minute, 120);
  EXPECT_EQ(found.tonic, "C");
}

TEST(Notation, RefusesTimesThatNobodyCouldWrite) {
  EXPECT_THROW(find_beats(std::vector<Note>{played(-1, 2, 60)}), Error);
  EXPECT_THROW(find_beats(std::vector<Note>{played(1e6, 1, 60)}), Error);
}

TEST(Notation, WritesScores) {
  const TemporaryFolder folder;
  const std::vector<Note> notes = four_four(0.5, 4);
  write_musicxml(folder / "song.musicxml", notes, "Song");
  const ReadScore score = read_score(bytes_of(folder / "song.musicxml"));
  EXPECT_EQ(score.title, "Song");
  EXPECT_THAT(score.notes, SizeIs(notes.size()));
  write_musicxml(folder / "song.MXL", notes, "Song");
  EXPECT_THAT(bytes_of(folder / "song.MXL"), StartsWith("PK"));
  EXPECT_THROW(write_musicxml(folder / "none" / "song.musicxml", notes, "Song"), Error);
}

TEST(Notation, WritesMidiWithBars) {
  const TemporaryFolder folder;
  write_midi_with_beats(folder / "song.mid", four_four(0.5, 4));
  const MidiFile file = read_midi_file(folder / "song.mid");
  const auto& conductor = file.tracks.front().messages;
  EXPECT_TRUE(std::any_of(conductor.begin(), conductor.end(),
                          [](const MidiMessage& m) { return m.is_meta(kMidiMetaTimeSignature); }));
  EXPECT_GT(std::count_if(conductor.begin(), conductor.end(),
                          [](const MidiMessage& m) { return m.is_meta(kMidiMetaTempo); }),
            0);
}

}  // namespace
}  // namespace yourmt3::testing
