#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/property.h"

#include <rapidcheck/gtest.h>

#include "eval/bipartite.h"
#include "eval/multipitch.h"
#include "eval/note_matching.h"
#include "eval/score_report.h"

namespace yourmt3 {
namespace {

// The size of a largest matching by trying everything.
int largest_matching(const std::vector<std::vector<int>>& neighbours, std::size_t left, unsigned used) {
  if (left == neighbours.size()) return 0;
  int best = largest_matching(neighbours, left + 1, used);
  for (const int right : neighbours[left]) {
    if ((used >> right & 1) != 0) continue;
    best = std::max(best, 1 + largest_matching(neighbours, left + 1, used | 1U << right));
  }
  return best;
}

RC_GTEST_PROP(EvalProperty, MatchingsAreAsLargeAsThoseFoundByTryingEverything, ()) {
  const int n_left = *rc::gen::inRange(0, 7);
  const int n_right = *rc::gen::inRange(1, 7);
  std::vector<std::vector<int>> neighbours(static_cast<std::size_t>(n_left));
  for (auto& list : neighbours) {
    for (int right = 0; right < n_right; ++right) {
      if (*rc::gen::inRange(0, 3) == 0) list.push_back(right);
    }
  }
  const auto pairs = maximum_matching(neighbours, n_right);
  RC_ASSERT(static_cast<int>(pairs.size()) == largest_matching(neighbours, 0, 0));
  std::vector<int> rights;
  for (const auto& [left, right] : pairs) {
    const auto& list = neighbours[static_cast<std::size_t>(left)];
    RC_ASSERT(std::find(list.begin(), list.end(), right) != list.end());
    rights.push_back(right);
  }
  std::sort(rights.begin(), rights.end());
  RC_ASSERT(std::adjacent_find(rights.begin(), rights.end()) == rights.end());
}

// Pitches on a grid of 0.4 semitones: none lies at the limit of 0.5, and thirty of them close the circle of an octave.
std::vector<double> any_frequencies() {
  std::vector<double> frequencies;
  const int n = *rc::gen::element(0, 3, 8, 60);
  for (int i = 0; i < n; ++i) frequencies.push_back(midi_to_hz(*rc::gen::inRange(0, 90) * 0.4 + 40));
  return frequencies;
}

RC_GTEST_PROP(EvalProperty, PitchesOfAMomentArePairedAsOftenAsCanBe, ()) {
  const std::vector<double> reference = any_frequencies();
  const std::vector<double> estimate = any_frequencies();
  const bool fold = *rc::gen::inRange(0, 2) == 0;
  std::vector<std::vector<int>> neighbours(reference.size());
  for (std::size_t r = 0; r < reference.size(); ++r) {
    for (std::size_t e = 0; e < estimate.size(); ++e) {
      double distance = std::abs(12 * std::log2(reference[r] / estimate[e]));
      if (fold) distance = std::abs(distance - 12 * std::round(distance / 12));
      if (distance < 0.5) neighbours[r].push_back(static_cast<int>(e));
    }
  }
  const MultipitchScore score = score_multipitch({{0}, {reference}}, {{0}, {estimate}}, fold);
  const auto n_matched = maximum_matching(neighbours, static_cast<int>(estimate.size())).size();
  const double expected =
      reference.empty() ? 0 : static_cast<double>(n_matched) / static_cast<double>(reference.size());
  RC_ASSERT(std::abs(score.recall - expected) < 1e-12);
}

std::vector<Note> any_notes() {
  std::vector<Note> notes;
  const int n_notes = *rc::gen::inRange(0, 40);
  for (int i = 0; i < n_notes; ++i) {
    const bool is_drum = *rc::gen::inRange(0, 5) == 0;
    const double onset_sec = *rc::gen::inRange(0, 300) / 100.0;
    notes.push_back({is_drum, is_drum ? kDrumProgram : *rc::gen::element(0, 33, 48, 100, 120), onset_sec,
                     onset_sec + *rc::gen::inRange(1, 100) / 100.0, *rc::gen::inRange(35, 40), 1});
  }
  return notes;
}

RC_GTEST_PROP(EvalProperty, SwappingTheSidesSwapsPrecisionAndRecall, ()) {
  const std::vector<Note> a = any_notes();
  const std::vector<Note> b = any_notes();
  const ScoreReport there = score_notes(a, b);
  const ScoreReport back = score_notes(b, a);
  // Offsets are not symmetric: the length of the reference decides.
  RC_ASSERT(there.onset.n_matched == back.onset.n_matched);
  RC_ASSERT(there.multi_onset.n_matched == back.multi_onset.n_matched);
  RC_ASSERT(there.drum_onset.precision() == back.drum_onset.recall());
}

RC_GTEST_PROP(EvalProperty, StricterScoresAreNeverHigher, ()) {
  const ScoreReport report = score_notes(any_notes(), any_notes());
  RC_ASSERT(report.onset_offset.n_matched <= report.onset.n_matched);
  RC_ASSERT(report.multi.n_matched <= report.multi_onset.n_matched);
  RC_ASSERT(report.drum_onset_ksh.n_matched <= report.drum_onset_ksh.n_reference);
  long n_pitched = 0;
  for (const InstrumentScore& instrument : report.instruments) {
    if (instrument.name != "Drums") n_pitched += instrument.onset.n_matched;
  }
  RC_ASSERT(n_pitched <= report.onset.n_matched);
}

RC_GTEST_PROP(EvalProperty, APerfectCopyScoresOne, ()) {
  const std::vector<Note> notes = any_notes();
  const ScoreReport report = score_notes(notes, notes);
  if (!report.multi.empty()) RC_ASSERT(report.multi.f1() == 1);
  if (!report.onset.empty()) RC_ASSERT(report.onset_offset.f1() == 1);
}

}  // namespace
}  // namespace yourmt3
