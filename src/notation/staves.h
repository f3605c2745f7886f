#pragma once

#include <span>
#include <vector>

#include "notation/quantizer.h"
#include "notation/sheet_music.h"

namespace yourmt3 {

/// The clefs of a part, one for each staff, the upper one first: two staves for keyboards, the harp, and what else
/// plays low and high; octave clefs for guitar and bass; otherwise the clef that needs fewest ledger lines.
std::vector<Clef> clefs_for(int program, std::span<const QuantizedNote> notes);

}  // namespace yourmt3
