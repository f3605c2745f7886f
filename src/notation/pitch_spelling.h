#pragma once

#include "notation/key_finder.h"

namespace yourmt3 {

/// A pitch as it is written.
struct Spelling {
  char step = 'C';  ///< 'A' to 'G'.
  int alter = 0;    ///< Sharps, or flats when negative; -1 to 1.
  int octave = 4;   ///< The octave of middle C is 4.

  friend bool operator==(const Spelling&, const Spelling&) = default;
};

/// The name of a MIDI pitch in a key: on the line of fifths from three steps left of the tonic of the major key with
/// that signature to eight steps right of it, as far as single accidentals reach. In C: Eb Bb F C G D A E B F# C# G#.
Spelling spell_pitch(int pitch, const KeySignature& key);

/// Sharps (1) or flats (-1) that the signature gives a step, or 0.
int signature_alter(char step, const KeySignature& key);

}  // namespace yourmt3
