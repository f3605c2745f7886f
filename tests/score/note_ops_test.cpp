#include "score/note_ops.h"

#include <gtest/gtest.h>

#include <limits>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Note piano(double onset_sec, double offset_sec, int pitch = 60) {
  return {false, 0, onset_sec, offset_sec, pitch, 1};
}

TEST(NoteOps, ShortNoteIsLengthenedByWhatDoublesSay) {
  std::vector<Note> notes{piano(0.05, 0.06), piano(0.41, 0.42)};
  validate_notes(notes);
  EXPECT_EQ(notes[0].offset_sec, 0.05 + 0.01);
  EXPECT_NE(notes[0].offset_sec, 0.06);
  EXPECT_EQ(notes[1].offset_sec, 0.42);
}

TEST(NoteOps, ValidationDropsNotesWithoutOnsetAndEndsThoseWithoutOffset) {
  std::vector<Note> notes{piano(kNone, 1), piano(2, kNone), piano(3, kNone)};
  validate_notes(notes);
  EXPECT_EQ(notes, (std::vector<Note>{piano(2, 2.01), piano(3, 3.01)}));
}

TEST(NoteOps, DrumsAreNotLengthened) {
  std::vector<Note> notes{{true, kDrumProgram, 1, 1.001, 36, 1}};
  validate_notes(notes);
  EXPECT_EQ(notes[0].offset_sec, 1.001);
}

TEST(NoteOps, TrimmingCutsAtTheNextNoteOfTheSamePitch) {
  EXPECT_EQ(trim_overlaps({piano(1, 3), piano(2, 4), piano(1, 9, 61)}),
            (std::vector<Note>{piano(1, 2), piano(1, 9, 61), piano(2, 4)}));
}

TEST(NoteOps, TrimmingKeepsTheLastOfNotesThatBeginTogether) {
  EXPECT_EQ(trim_overlaps({piano(1, 3), piano(1, 2), piano(1, 4)}), std::vector<Note>{piano(1, 4)});
}

TEST(NoteOps, TrimmingLeavesASingleNoteWithoutLength) {
  EXPECT_EQ(trim_overlaps({piano(1, 1)}), std::vector<Note>{piano(1, 1)});
  EXPECT_TRUE(trim_overlaps({piano(1, 1), piano(2, 2)}).empty());
}

TEST(NoteOps, MixingLengthensAfterTrimming) {
  const std::vector<std::vector<Note>> lists{{piano(1, 2)}, {piano(1.004, 3)}};
  EXPECT_EQ(mix_notes(lists), (std::vector<Note>{piano(1, 1.01), piano(1.004, 3)}));
}

TEST(NoteOps, MissingTimeCannotBeSorted) {
  std::vector<Note> notes{piano(1, 2), piano(kNone, 2)};
  EXPECT_THROW(sort_notes(notes), Error);
  EXPECT_THROW(trim_overlaps(notes), Error);
}

TEST(NoteOps, FoldingOctavesKeepsThePitchClass) {
  const std::vector<Note> folded = fold_octaves(std::vector<Note>{piano(0, 1, 60), piano(0, 1, 73)});
  EXPECT_EQ(folded[0].pitch, 64);
  EXPECT_EQ(folded[1].pitch, 65);
}

TEST(NoteOps, ProgramsAreSelectedInNoteOrder) {
  const Note bass{false, 33, 0, 1, 40, 1};
  const std::vector<Note> notes{piano(2, 3), bass, piano(1, 2)};
  EXPECT_EQ(select_programs(notes, std::vector<int>{0}), (std::vector<Note>{piano(1, 2), piano(2, 3)}));
}

}  // namespace
}  // namespace yourmt3
