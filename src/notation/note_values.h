#pragma once

#include <vector>

#include "notation/sheet_music.h"

namespace yourmt3 {

/// A stretch of a measure, in divisions from its start.
struct Stretch {
  int begin = 0, end = 0;
};

/// A stretch that has a value of its own.
struct ValuedStretch {
  Stretch stretch;
  NoteValue value;
};

/// Cuts a stretch into written values so that beats stay visible: what begins on a beat may last over others, what
/// begins elsewhere ends with its beat, but for a quarter on the second half of one. `thirds[i]` tells whether beat i
/// is a triplet; then ends in it are at multiples of four divisions, otherwise of three. Rests are cut at every beat
/// that is not at a half of the bar.
std::vector<ValuedStretch> cut_into_values(Stretch stretch, const Metre& metre, const std::vector<bool>& thirds,
                                           bool rest);

}  // namespace yourmt3
