#pragma once

#include <span>
#include <vector>

#include "notation/beat_grid.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// A note on the grid of its part, in divisions from the first beat of the beat grid.
struct QuantizedNote {
  int begin = 0;
  int end = 0;  ///< After begin.
  int pitch = 60;

  friend bool operator==(const QuantizedNote&, const QuantizedNote&) = default;
};

struct QuantizedPart {
  std::vector<QuantizedNote> notes;  ///< By begin, then pitch; none twice.
  std::vector<int> step;             ///< Of each beat: the distance of its grid points, in divisions.
};

/// Notes of one part to the beats and their divisions. Each beat gets the grid that costs least: deviations of onsets
/// in seconds against how fine it is, and onsets that it would join. Ends go to the grid too, at least one step after
/// the beginning. `grid` has beats for all onsets; what begins before the first is moved there, ends stop at the last.
QuantizedPart quantize(std::span<const Note> notes, const BeatGrid& grid);

}  // namespace yourmt3
