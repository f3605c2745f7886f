#include "prepare/annotated_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "source_files.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Note note(double onset_sec, double offset_sec, int pitch = 60, int program = 24) {
  return {false, program, onset_sec, offset_sec, pitch, 1};
}

TEST(TidyAnnotatedNotes, SortsAndKeepsTimesExactly) {
  EXPECT_THAT(tidy_annotated_notes({note(1.23456789, 2), note(0.1234567, 0.5)}),
              ElementsAre(note(0.1234567, 0.5), note(1.23456789, 2)));
}

TEST(TidyAnnotatedNotes, RepairsBeforeItTrims) {
  // Repaired to 1.01, then cut where the next one begins, so it stays shorter than 10 ms.
  EXPECT_THAT(tidy_annotated_notes({note(1, 1.001), note(1.005, 2)}), ElementsAre(note(1, 1.005), note(1.005, 2)));
  EXPECT_THAT(tidy_annotated_notes({note(1, 0.5), note(3, 4, 61)}), ElementsAre(note(1, 1.01), note(3, 4, 61)));
}

TEST(TidyAnnotatedNotes, GivesAnOffsetWhereThereIsNoneAndDropsNotesWithoutOnset) {
  EXPECT_THAT(tidy_annotated_notes({note(1, kNone), note(1, 2, 64), note(kNone, 2)}),
              ElementsAre(note(1, 1.01), note(1, 2, 64)));
}

TEST(TidyAnnotatedNotes, OfTwoThatBeginTogetherKeepsTheLonger) {
  EXPECT_THAT(tidy_annotated_notes({note(1, 3), note(1, 2)}), ElementsAre(note(1, 3)));
}

TEST(TidyAnnotatedNotes, LeavesOtherPitchesAndProgramsAlone) {
  const std::vector<Note> notes = {note(1, 3, 60, 0), note(1, 3, 60, 24), note(2, 4, 61, 24)};
  EXPECT_EQ(tidy_annotated_notes(notes), notes);
}

TEST(DrumHit, LastsTenMilliseconds) {
  EXPECT_EQ(drum_hit(0.204331, 36), (Note{true, kDrumProgram, 0.204331, 0.204331 + 0.01, 36, 1}));
}

MidiFile two_notes_without_program() {
  MidiFile file;
  file.tracks.push_back({{{0, kMidiNoteOn, 60, 80}, {485, kMidiNoteOff, 60, 0}, {960, kMidiNoteOn, 36, 80}}, 1000});
  return file;
}

TEST(ReadMidiNotes, RoundsToTenMillisecondsAndForcesPrograms) {
  const SourceFiles files;
  files.midi("a.mid", two_notes_without_program());
  MidiNoteOptions options;
  options.missing_program = 0;
  EXPECT_THAT(read_midi_notes(files.path() / "a.mid", options),
              ElementsAre(note(0, 0.51, 60, 0), note(1, 1.01, 36, 0)));
}

TEST(ReadMidiNotes, GivesDrumsTheirProgram) {
  const SourceFiles files;
  files.midi("a.mid", two_notes_without_program());
  MidiNoteOptions options;
  options.missing_program = 0;
  options.all_drums = true;
  EXPECT_THAT(read_midi_notes(files.path() / "a.mid", options),
              ElementsAre(Note{true, kDrumProgram, 0, 0.01, 60, 1}, Note{true, kDrumProgram, 1, 1.01, 36, 1}));
}

TEST(ReadMidiNotes, NamesTheFileThatIsWrong) {
  const SourceFiles files;
  files.midi("a.mid", two_notes_without_program());
  files.text("b.mid", "MThd");
  const auto message = [&](const char* name) {
    return error_message([&] { read_midi_notes(files.path() / name, {}); });
  };
  EXPECT_THAT(message("a.mid"), StartsWith((files.path() / "a.mid").string()));
  EXPECT_THAT(message("a.mid"), HasSubstr("before any program change"));
  EXPECT_THAT(message("b.mid"), StartsWith((files.path() / "b.mid").string()));
  EXPECT_THAT(message("c.mid"), HasSubstr("c.mid"));
}

}  // namespace
}  // namespace yourmt3::testing
