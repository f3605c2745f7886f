#include "experiment/note_errors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "eval/class_sets.h"

namespace yourmt3 {
namespace {

Note note(int program, int pitch, double onset_sec, double length_sec = 0.4) {
  Note made;
  made.program = program;
  made.is_drum = program == kDrumProgram;
  made.pitch = pitch;
  made.onset_sec = onset_sec;
  made.offset_sec = onset_sec + length_sec;
  return made;
}

NoteErrors count(const std::vector<Note>& reference, const std::vector<Note>& estimate) {
  return count_outcomes(reference, estimate, class_set("GM_INSTR_CLASS_PLUS")).all;
}

TEST(NoteErrors, TellsEveryOutcome) {
  const std::vector<Note> reference = {note(0, 60, 1), note(0, 62, 2), note(0, 64, 3),    note(0, 65, 4),
                                       note(0, 67, 5), note(0, 69, 6), note(0, 71, 7, 1), note(kDrumProgram, 36, 8)};
  const std::vector<Note> estimate = {note(1, 60, 1.04),                 // Another program of the class.
                                      note(40, 62, 2),                   // A violin.
                                      note(0, 64, 3.12),                 // Late.
                                      note(0, 77, 4),                    // An octave above.
                                      note(0, 68, 5.02),                 // A semitone above.
                                                                         // 69 is missed.
                                      note(0, 71, 7), note(0, 71, 7.5),  // Cut in two.
                                      note(0, 50, 9),                    // Out of nothing.
                                      note(kDrumProgram, 38, 8)};        // Another drum.
  const NoteErrors errors = count(reference, estimate);
  EXPECT_EQ(errors[NoteOutcome::kCorrect], 2);
  EXPECT_EQ(errors[NoteOutcome::kWrongInstrument], 1);
  EXPECT_EQ(errors[NoteOutcome::kMoved], 1);
  EXPECT_EQ(errors[NoteOutcome::kOctave], 1);
  EXPECT_EQ(errors[NoteOutcome::kNearPitch], 1);
  EXPECT_EQ(errors[NoteOutcome::kMissed], 2) << "the 69 and the drum";
  EXPECT_EQ(errors[NoteOutcome::kRepeated], 1);
  EXPECT_EQ(errors[NoteOutcome::kInvented], 2);
  EXPECT_EQ(errors.n_reference(), 8);
  EXPECT_DOUBLE_EQ(errors.rate(NoteOutcome::kMissed), 0.25);
}

TEST(NoteErrors, NotesOfEachClassAreFoundWhateverPlaysThem) {
  const std::vector<Note> reference = {note(0, 60, 1), note(0, 62, 2), note(40, 64, 3), note(kDrumProgram, 36, 4)};
  const std::vector<Note> estimate = {note(0, 60, 1), note(40, 62, 2), note(0, 72, 5)};
  auto by_class = count_outcomes(reference, estimate, class_set("GM_INSTR_CLASS_PLUS")).by_class;
  ASSERT_EQ(by_class.size(), 3u);
  EXPECT_DOUBLE_EQ(by_class["Piano"].found(), 1);
  EXPECT_EQ(by_class["Piano"][NoteOutcome::kWrongInstrument], 1);
  EXPECT_DOUBLE_EQ(by_class["Strings"].found(), 0);
  EXPECT_EQ(by_class["Drums"][NoteOutcome::kMissed], 1);
  EXPECT_TRUE(std::isnan(NoteErrors{}.found()));
}

TEST(NoteErrors, TheBetterExplanationWins) {
  // One estimate could be the near pitch of the first or the second itself.
  const NoteErrors errors = count({note(0, 60, 1), note(0, 61, 1)}, {note(0, 61, 1)});
  EXPECT_EQ(errors[NoteOutcome::kCorrect], 1);
  EXPECT_EQ(errors[NoteOutcome::kMissed], 1);
  EXPECT_EQ(errors[NoteOutcome::kNearPitch], 0);
}

TEST(NoteErrors, TheCloserOnsetWins) {
  const NoteErrors errors = count({note(0, 60, 1)}, {note(0, 60, 1.04), note(0, 60, 1.01, 0.02)});
  EXPECT_EQ(errors[NoteOutcome::kCorrect], 1);
  EXPECT_EQ(errors[NoteOutcome::kRepeated], 1) << "the other lies within the note";
}

TEST(NoteErrors, OfNothingIsNothing) {
  EXPECT_EQ(count({}, {}).n_reference(), 0);
  EXPECT_EQ(count({}, {}).rate(NoteOutcome::kInvented), 0);
  EXPECT_EQ(count({}, {note(0, 60, 1)})[NoteOutcome::kInvented], 1);
}

}  // namespace
}  // namespace yourmt3
