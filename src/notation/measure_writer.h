#pragma once

#include <span>
#include <vector>

#include "notation/note_values.h"
#include "notation/sheet_music.h"

namespace yourmt3 {

/// A chord, or the part of one that lies in a measure.
struct MeasureChord {
  Stretch stretch;
  std::vector<NoteHead> heads;
  bool from_before = false, to_next = false;  ///< It begins or ends in another measure.
};

/// A voice of one measure of `divisions`: chords, in order and without overlap, and rests between them, cut into values
/// with ties, triplets and beams.
std::vector<VoiceEvent> write_measure(std::span<const MeasureChord> chords, int divisions, const Metre& metre);

/// Sets the accidentals that the signature and the notes before in the measure make necessary, staff by staff. Tied
/// notes keep theirs.
void show_accidentals(std::vector<VoiceMeasure>& voices, const KeySignature& key);

}  // namespace yourmt3
