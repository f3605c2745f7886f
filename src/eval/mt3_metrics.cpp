#include "eval/mt3_metrics.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/fail.h"

namespace yourmt3 {

namespace {

constexpr double kFramesPerSecond = 62.5;
constexpr double kShortestRollNoteSec = 0.05;
constexpr int kQuietestReference = 30;
constexpr double kLatestSec = 100000;
constexpr double kDrumNoteSec = 0.01;

using Roll = std::vector<std::bitset<128>>;

bool has_velocities(std::span<const Note> notes) {
  return std::any_of(notes.begin(), notes.end(), [](const Note& note) { return note.velocity > 1; });
}

// `quietest`: only louder notes sound. Velocities of 0 and 1 tell nothing of loudness and all count.
Roll roll_of(std::span<const Note> notes, int quietest) {
  const bool all = !has_velocities(notes);
  Roll roll;
  for (const Note& note : notes) {
    if (note.is_drum || note.pitch < 0 || note.pitch > 127 || (!all && note.velocity <= quietest)) continue;
    if (!(note.onset_sec >= 0 && note.offset_sec <= kLatestSec)) {
      fail(ErrorCode::kInvalidArgument, "a note from {} to {} s cannot be scored, expected 0 to {} s", note.onset_sec,
           note.offset_sec, kLatestSec);
    }
    const double offset_sec = std::max(note.offset_sec, note.onset_sec + kShortestRollNoteSec);
    const auto first = static_cast<std::size_t>(note.onset_sec * kFramesPerSecond);
    const auto end = static_cast<std::size_t>(offset_sec * kFramesPerSecond);
    if (roll.size() < end) roll.resize(end);
    for (std::size_t t = first; t < end; ++t) roll[t].set(static_cast<std::size_t>(note.pitch));
  }
  return roll;
}

void score_frames(Mt3Scores& scores, Roll reference, Roll estimate) {
  const std::size_t n_frames = std::max(reference.size(), estimate.size());
  reference.resize(n_frames);
  estimate.resize(n_frames);
  std::size_t n_reference = 0;
  std::size_t n_estimate = 0;
  std::size_t n_matched = 0;
  for (std::size_t t = 0; t < n_frames; ++t) {
    n_reference += reference[t].count();
    n_estimate += estimate[t].count();
    n_matched += (reference[t] & estimate[t]).count();
  }
  if (n_matched == 0) return;
  const auto matched = static_cast<double>(n_matched);
  scores.frame_precision = matched / static_cast<double>(n_estimate);
  scores.frame_recall = matched / static_cast<double>(n_reference);
  scores.frame_f1 = 2 * matched / static_cast<double>(n_estimate + n_reference);
}

int grouped(int program, ProgramDetail detail) {
  switch (detail) {
    case ProgramDetail::kFlat:
      return 0;
    case ProgramDetail::kMidiClass:
      return program / 8 * 8;
    case ProgramDetail::kFull:
      return program;
  }
  return program;
}

}  // namespace

MatchScore score_with_programs(std::span<const Note> reference, std::span<const Note> estimate, ProgramDetail detail) {
  std::map<std::pair<bool, int>, std::pair<std::vector<Note>, std::vector<Note>>> groups;
  const auto group_of = [&](const Note& note) -> auto& {
    return groups[{note.is_drum, note.is_drum ? 0 : grouped(note.program, detail)}];
  };
  for (const Note& note : reference) group_of(note).first.push_back(note);
  for (const Note& note : estimate) group_of(note).second.push_back(note);
  MatchScore total;
  for (auto& [key, sides] : groups) {
    MatchOptions options;
    if (key.first) {
      options.offset_ratio.reset();
      for (std::vector<Note>* side : {&sides.first, &sides.second}) {
        for (Note& note : *side) note.offset_sec = note.onset_sec + kDrumNoteSec;
      }
    }
    total += score_matches(sides.first, sides.second, options);
  }
  return total;
}

Mt3Scores score_as_mt3(std::span<const Note> reference, std::span<const Note> estimate) {
  std::vector<Note> sides[2];
  for (const Note& note : reference) {
    if (!note.is_drum) sides[0].push_back(note);
  }
  for (const Note& note : estimate) {
    if (!note.is_drum) sides[1].push_back(note);
  }
  Mt3Scores scores;
  MatchOptions onset_only;
  onset_only.offset_ratio.reset();
  scores.onset = score_matches(sides[0], sides[1], onset_only);
  scores.onset_offset = score_matches(sides[0], sides[1]);
  scores.flat = score_with_programs(reference, estimate, ProgramDetail::kFlat);
  scores.midi_class = score_with_programs(reference, estimate, ProgramDetail::kMidiClass);
  scores.full = score_with_programs(reference, estimate, ProgramDetail::kFull);
  score_frames(scores, roll_of(reference, kQuietestReference), roll_of(estimate, 0));
  return scores;
}

}  // namespace yourmt3
