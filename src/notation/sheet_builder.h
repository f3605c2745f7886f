#pragma once

#include <span>
#include <string>

#include "notation/beat_grid.h"
#include "notation/key_finder.h"
#include "notation/sheet_music.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Writes notes as a score: a part for each program in ascending order, drums last, quantised to `grid`, which covers
/// all of them (analyse_music()). The first bar holds the first note; what is before its beat is left out and makes it
/// a pickup. Pitches below 13, which have no name in a score, are written an octave or two higher.
///
/// Without notes there is one empty bar of a piano. Throws Error(kUnsupported) for more than half a million measures of
/// all parts together.
SheetMusic build_sheet(std::span<const Note> notes, const BeatGrid& grid, const KeySignature& key,
                       const std::string& title);

}  // namespace yourmt3
