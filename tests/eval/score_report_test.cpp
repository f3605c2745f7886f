#include "eval/score_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Note note(int program, double onset_sec, int pitch) {
  return {false, program, onset_sec, onset_sec + 1, pitch, 1};
}
Note drum(double onset_sec, int key) {
  return {true, kDrumProgram, onset_sec, onset_sec + 0.01, key, 1};
}

const std::vector<Note> kSong{note(0, 1, 60), note(0, 2, 62), note(33, 1, 40), drum(1, 36), drum(2, 39)};

TEST(ScoreReport, AFileAgreesWithItself) {
  const ScoreReport report = score_notes(kSong, kSong);
  for (const ScoreLine& line : {report.onset, report.onset_offset, report.frame, report.multi, report.multi_onset,
                                report.drum_onset, report.drum_onset_ksh}) {
    EXPECT_EQ(line.f1(), 1);
    EXPECT_EQ(line.precision(), 1);
    EXPECT_EQ(line.recall(), 1);
  }
  EXPECT_EQ(report.onset.n_reference, 3);
  EXPECT_EQ(report.multi.n_reference, 4);
}

TEST(ScoreReport, WrongInstrumentCountsInMultiOnly) {
  std::vector<Note> estimate = kSong;
  estimate[2].program = 24;  // A guitar for a bass.
  const ScoreReport report = score_notes(kSong, estimate);
  EXPECT_EQ(report.onset.f1(), 1);
  EXPECT_EQ(report.multi_onset.n_matched, 3);
  EXPECT_EQ(report.multi_onset.f1(), 0.75);
  ASSERT_EQ(report.instruments.size(), 4U);
  EXPECT_EQ(report.instruments[1].name, "Guitar");
  EXPECT_EQ(report.instruments[1].onset.n_estimate, 1);
  EXPECT_EQ(report.instruments[2].name, "Bass");
  EXPECT_EQ(report.instruments[2].onset.recall(), 0);
  EXPECT_EQ(report.instruments[3].name, "Drums");
}

TEST(ScoreReport, AnotherProgramOfTheClassIsTheSameInstrument) {
  std::vector<Note> estimate = kSong;
  estimate[0].program = 6;
  EXPECT_EQ(score_notes(kSong, estimate).multi.f1(), 1);
}

TEST(ScoreReport, DrumsAreGroupedAndOthersLeftOut) {
  const std::vector<Note> estimate{drum(1, 35), drum(2, 81)};
  const ScoreReport report = score_notes(kSong, estimate);
  EXPECT_EQ(report.drum_onset.n_reference, 1);
  EXPECT_EQ(report.drum_onset.f1(), 1);
}

TEST(ScoreReport, ProgramsOfNoClassAreCountedApart) {
  const std::vector<Note> effects{note(120, 1, 60)};
  const ScoreReport report = score_notes(effects, effects);
  EXPECT_EQ(report.onset.f1(), 1);
  EXPECT_TRUE(report.multi.empty());
  EXPECT_EQ(report.n_reference_unclassed, 1);
  EXPECT_EQ(report.n_estimate_unclassed, 1);
}

TEST(ScoreReport, SilenceAgainstNotesIsZeroAndSilenceAgainstSilenceIsNothing) {
  EXPECT_EQ(score_notes(kSong, {}).multi.f1(), 0);
  EXPECT_EQ(score_notes({}, kSong).multi.f1(), 0);
  EXPECT_EQ(score_notes({}, kSong).frame.f1(), 0);
  EXPECT_TRUE(std::isnan(score_notes({}, {}).multi.f1()));
}

TEST(ScoreReport, ToleranceCanBeChosen) {
  const std::vector<Note> late{note(0, 1.08, 60)};
  const std::vector<Note> reference{note(0, 1, 60)};
  EXPECT_EQ(score_notes(reference, late).onset.f1(), 0);
  EXPECT_EQ(score_notes(reference, late, 0.1).onset.f1(), 1);
}

TEST(ScoreReport, NotesWithoutLengthAreLengthened) {
  const std::vector<Note> notes{{false, 0, 1, 1, 60, 1}, {true, kDrumProgram, 1, 1, 36, 1}};
  EXPECT_EQ(score_notes(notes, notes).multi.f1(), 1);
}

TEST(ScoreReport, TimesThatCannotBeAreErrors) {
  const std::vector<Note> early{note(0, -1, 60)};
  const std::vector<Note> late{note(0, 1e9, 60)};
  EXPECT_THROW(score_notes(early, early), Error);
  EXPECT_THROW(score_notes(late, late), Error);
}

TEST(ScoreReport, JsonHasOneNumberForEachScore) {
  const auto json = nlohmann::json::parse(to_json(score_notes(kSong, kSong)));
  for (const char* name : {"onset_f1", "onset_offset_f1", "multi_f1", "multi_onset_f1", "drum_onset_f1", "frame_f1"}) {
    EXPECT_EQ(json.at(name), 1) << name;
  }
  EXPECT_EQ(json.at("onset_reference"), 3);
  EXPECT_EQ(json.at("instruments").at(0).at("name"), "Piano");
  EXPECT_TRUE(nlohmann::json::parse(to_json(score_notes({}, {}))).at("multi_f1").is_null());
}

}  // namespace
}  // namespace yourmt3
