#pragma once

#include <span>
#include <vector>

#include "eval/score_report.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// The counts of a ScoreReport by stretches of time, from which its uncertainty within one recording is drawn: notes
/// near each other succeed and fail together, so that stretches are resampled and not notes. Sums over the blocks are
/// the counts of score_notes().
struct ScoreBlocks {
  std::vector<ScoreLine> onset, onset_offset, drum_onset, multi, multi_onset;
};

/// Notes belong to the block of their onset, pairs to that of the reference's. Throws Error(kInvalidArgument) for
/// blocks below 1 s, negative times and notes after more than a day.
ScoreBlocks score_blocks(std::span<const Note> reference, std::span<const Note> estimate,
                         const ScoreReportOptions& options = {}, double block_sec = 10);

}  // namespace yourmt3
