#pragma once

#include <span>
#include <vector>

#include "eval/note_pairing.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// How far paired notes are from each other in time: one value for each pair, positive where the estimate is later.
/// Onsets further apart than the tolerance of the pairing are in no pair, so that their errors end there; offsets may
/// be anywhere. Kept as they are, so that files can be pooled; summarise() tells where they lie.
struct TimingErrors {
  std::vector<double> onset_ms;
  std::vector<double> offset_ms;
  std::vector<double> offset_ratio;  ///< Offset error over the length of the reference note.

  TimingErrors& operator+=(const TimingErrors& other);
};

TimingErrors timing_errors(std::span<const Note> reference, std::span<const Note> estimate,
                           std::span<const NotePair> pairs);

}  // namespace yourmt3
