#pragma once

#include <span>

#include "yourmt3/note.h"

namespace yourmt3 {

/// Raw pitch, raw chroma and overall accuracy of a melody.
struct MelodyScore {
  double raw_pitch = 0;
  double raw_chroma = 0;
  double overall = 0;
};

/// As the reference: each onset is taken as a sample of a pitch curve, joined by straight lines in cents and read every
/// 10 ms until the last onset. All three are NaN when either side is empty, begins at 0 s or has two equal onsets.
/// Kept for comparison with old tables; notes are better judged by matching. Throws Error(kInvalidArgument) for notes
/// after more than a day.
MelodyScore score_melody(std::span<const Note> reference, std::span<const Note> estimate);

}  // namespace yourmt3
