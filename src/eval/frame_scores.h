#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/f_measure.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Which pitches sound in each frame of 62.5 ms.
using PianoRoll = std::vector<std::bitset<128>>;

inline constexpr double kRollFrameSec = 0.0625;

/// The pitched notes as a roll. As the reference: it ends with the last offset among the last 20 notes of the list,
/// what lies beyond is cut off, and pitches below 16 or above 109 are left out. Throws Error(kInvalidArgument) for
/// notes after more than a day.
PianoRoll piano_roll(std::span<const Note> notes);

/// Precision and recall over frames; NaN when the reference is empty.
struct FrameScore {
  std::int64_t n_reference = 0;
  std::int64_t n_estimate = 0;
  std::int64_t n_matched = 0;

  double precision() const;
  double recall() const;
  double f1() const;  ///< f_eps(); NaN without reference, 0 without estimate.
};

/// Pitches that sound in both rolls. As the reference: frames of the estimate after the end of the reference do not
/// count.
FrameScore score_frames(const PianoRoll& reference, const PianoRoll& estimate);

/// The same with octaves folded; two octaves of a pitch class are two pitches.
FrameScore score_chroma_frames(const PianoRoll& reference, const PianoRoll& estimate);

}  // namespace yourmt3
