#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/property.h"

#include <rapidcheck/gtest.h>

#include "eval/class_sets.h"
#include "eval/note_analysis.h"
#include "eval/scorable_notes.h"

namespace yourmt3 {
namespace {

std::vector<Note> any_notes() {
  std::vector<Note> notes;
  const int n_notes = *rc::gen::inRange(0, 60);
  for (int i = 0; i < n_notes; ++i) {
    const bool is_drum = *rc::gen::inRange(0, 5) == 0;
    const double onset_sec = *rc::gen::inRange(0, 2500) / 100.0;
    const int pitch = *rc::gen::element(36, 38, 47, 48, 55, 60, 61, 72);
    notes.push_back({is_drum, is_drum ? kDrumProgram : *rc::gen::element(0, 33, 48, 100, 120), onset_sec,
                     onset_sec + *rc::gen::inRange(1, 100) / 100.0, pitch, *rc::gen::inRange(0, 128)});
  }
  return notes;
}

// Some notes moved, some dropped, some given to another instrument.
std::vector<Note> heard(const std::vector<Note>& notes) {
  std::vector<Note> estimate;
  for (Note note : notes) {
    const double shift_sec = *rc::gen::inRange(-6, 7) / 100.0;
    note.onset_sec = std::max(note.onset_sec + shift_sec, 0.0);
    note.offset_sec = std::max(note.offset_sec, note.onset_sec + 0.01);
    if (!note.is_drum && *rc::gen::inRange(0, 4) == 0) note.program = 24;
    if (*rc::gen::inRange(0, 5) == 0) note.pitch += 12;
    if (*rc::gen::inRange(0, 6) != 0) estimate.push_back(note);
  }
  return estimate;
}

long total(const std::vector<long>& values) {
  long sum = 0;
  for (const long value : values) sum += value;
  return sum;
}

ScoreLine sum_of(const std::vector<ScoreLine>& blocks) {
  ScoreLine sum;
  for (const ScoreLine& block : blocks) sum += block;
  return sum;
}

RC_GTEST_PROP(AnalysisProperty, BlocksSumUpToTheReport, ()) {
  const std::vector<Note> r = any_notes();
  const std::vector<Note> e = heard(r);
  const ScoreBlocks blocks = score_blocks(r, e);
  const ScoreReport report = score_notes(r, e);
  RC_ASSERT(sum_of(blocks.onset) == report.onset);
  RC_ASSERT(sum_of(blocks.onset_offset) == report.onset_offset);
  RC_ASSERT(sum_of(blocks.multi) == report.multi);
  RC_ASSERT(sum_of(blocks.multi_onset) == report.multi_onset);
  RC_ASSERT(sum_of(blocks.drum_onset) == report.drum_onset);
}

RC_GTEST_PROP(AnalysisProperty, EveryPitchedNoteIsPairedOrAnError, ()) {
  const std::vector<Note> r = any_notes();
  const std::vector<Note> e = heard(r);
  const NoteAnalysis analysis = analyse_notes(r, e);
  const ScoreReport report = score_notes(r, e);
  const long n_paired = analysis.confusion.n_paired();
  RC_ASSERT(n_paired + analysis.pitches.n_missed == report.onset.n_reference);
  RC_ASSERT(n_paired + analysis.pitches.n_false_positives() == report.onset.n_estimate);
  RC_ASSERT(total(analysis.confusion.n_missed) == analysis.pitches.n_missed);
  RC_ASSERT(total(analysis.confusion.n_invented) == analysis.pitches.n_false_positives());
  RC_ASSERT(static_cast<long>(analysis.timing.onset_ms.size()) == n_paired);
  // A largest matching within instruments cannot always be completed to a largest one over all.
  RC_ASSERT(n_paired <= report.onset.n_matched);
  RC_ASSERT(2 * n_paired >= report.onset.n_matched);
  for (std::size_t i = 0; i < kWrongNoteKinds; ++i) {
    RC_ASSERT(analysis.pitches.n_instead[i] <= analysis.pitches.n_wrong[i]);
  }
}

RC_GTEST_PROP(AnalysisProperty, TheDiagonalIsTheScoreByInstrument, ()) {
  const std::vector<Note> r = any_notes();
  const std::vector<Note> e = heard(r);
  const InstrumentConfusion confusion = analyse_notes(r, e).confusion;
  for (const InstrumentScore& instrument : score_notes(r, e).instruments) {
    const auto at = std::find(confusion.names.begin(), confusion.names.end(), instrument.name);
    if (at == confusion.names.end()) continue;
    const auto i = static_cast<std::size_t>(at - confusion.names.begin());
    RC_ASSERT(confusion.n_notes[i][i] == instrument.onset.n_matched);
  }
}

RC_GTEST_PROP(AnalysisProperty, PairsAgreeAndUseEachNoteOnce, ()) {
  const std::vector<Note> r = scorable_notes(any_notes());
  const std::vector<Note> e = scorable_notes(heard(r));
  std::set<int> used_r, used_e;
  for (const NotePair& pair : pair_notes(r, e, class_set("GM_INSTR_CLASS_PLUS"))) {
    const Note& a = r[static_cast<std::size_t>(pair.reference)];
    const Note& b = e[static_cast<std::size_t>(pair.estimate)];
    RC_ASSERT(used_r.insert(pair.reference).second && used_e.insert(pair.estimate).second);
    RC_ASSERT(a.pitch == b.pitch && !a.is_drum && !b.is_drum);
    RC_ASSERT(std::abs(a.onset_sec - b.onset_sec) < 0.0501);
  }
}

RC_GTEST_PROP(AnalysisProperty, VelocityOnlyTakesMatchesAway, ()) {
  const std::vector<Note> r = any_notes();
  const std::vector<Note> e = heard(r);
  const auto scores = score_velocities(r, e);
  if (!scores) return;
  const ScoreReport report = score_notes(r, e);
  RC_ASSERT(scores->onset_offset.n_matched <= report.onset_offset.n_matched);
  RC_ASSERT(scores->no_offset.n_matched <= report.onset.n_matched);
}

RC_GTEST_PROP(AnalysisProperty, ACopyHasNoErrors, ()) {
  const std::vector<Note> notes = any_notes();
  const NoteAnalysis analysis = analyse_notes(notes, notes);
  RC_ASSERT(analysis.pitches.n_false_positives() == 0);
  RC_ASSERT(analysis.pitches.n_missed == 0);
  RC_ASSERT(analysis.confusion.n_right() == analysis.confusion.n_paired());
  if (!notes.empty()) RC_ASSERT(analysis.programs.leakage_ratio() == 1 && analysis.classes.f1() == 1);
}

}  // namespace
}  // namespace yourmt3
