#include "eval/score_blocks.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "core/fail.h"
#include "eval/note_matching.h"
#include "eval/scorable_notes.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

constexpr double kLatestSec = 100000;
constexpr double kShortestBlockSec = 1;

std::size_t count_blocks(std::initializer_list<std::span<const Note>> sides, double block_sec) {
  if (!(block_sec >= kShortestBlockSec)) {
    fail(ErrorCode::kInvalidArgument, "cannot count notes in blocks of {} s, expected at least {} s", block_sec,
         kShortestBlockSec);
  }
  std::size_t n_blocks = 0;
  for (const auto& side : sides) {
    for (const Note& note : side) {
      if (!(note.onset_sec >= 0 && note.onset_sec <= kLatestSec)) {
        fail(ErrorCode::kInvalidArgument, "a note at {} s cannot be scored, expected 0 to {} s", note.onset_sec,
             kLatestSec);
      }
      n_blocks = std::max(n_blocks, static_cast<std::size_t>(note.onset_sec / block_sec) + 1);
    }
  }
  return n_blocks;
}

}  // namespace

ScoreBlocks score_blocks(std::span<const Note> reference, std::span<const Note> estimate,
                         const ScoreReportOptions& options, double block_sec) {
  const MatchOptions with_offset{.onset_tolerance_sec = options.onset_tolerance_sec};
  MatchOptions onset_only = with_offset;
  onset_only.offset_ratio.reset();
  const std::vector<Note> all_r = scorable_notes(reference);
  const std::vector<Note> all_e = scorable_notes(estimate);
  const std::size_t n_blocks = count_blocks({all_r, all_e}, block_sec);
  const auto block_of = [&](const Note& note) { return static_cast<std::size_t>(note.onset_sec / block_sec); };
  const auto count = [&](const std::vector<Note>& r, const std::vector<Note>& e, const MatchOptions& how) {
    std::vector<ScoreLine> blocks(n_blocks);
    for (const Note& note : r) ++blocks[block_of(note)].n_reference;
    for (const Note& note : e) ++blocks[block_of(note)].n_estimate;
    for (const auto& pair : match_notes(to_sounding(r), to_sounding(e), how)) {
      ++blocks[block_of(r[static_cast<std::size_t>(pair.first)])].n_matched;
    }
    return blocks;
  };
  const auto add = [](std::vector<ScoreLine>& sum, const std::vector<ScoreLine>& blocks) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += blocks[i];
  };

  ScoreBlocks blocks;
  const std::vector<Note> r = pitched_notes(all_r);
  const std::vector<Note> e = pitched_notes(all_e);
  blocks.onset = count(r, e, onset_only);
  blocks.onset_offset = count(r, e, with_offset);
  const DrumVocabulary& drums = options.drums_vocabulary();
  blocks.drum_onset = count(reduce_drums(all_r, drums), reduce_drums(all_e, drums), onset_only);
  blocks.multi = blocks.multi_onset = blocks.drum_onset;
  for (const ProgramClass& one : options.class_vocabulary().classes()) {
    const std::vector<Note> r_class = select_programs(r, one.programs);
    const std::vector<Note> e_class = select_programs(e, one.programs);
    add(blocks.multi, count(r_class, e_class, with_offset));
    add(blocks.multi_onset, count(r_class, e_class, onset_only));
  }
  return blocks;
}

}  // namespace yourmt3
