#pragma once

#include <string_view>

#include "notation/pitch_spelling.h"

namespace yourmt3 {

/// How a key of the drum kit is written on a staff of five lines.
struct DrumSymbol {
  Spelling place;         ///< Step and octave as in treble clef.
  std::string_view head;  ///< Note head of MusicXML: "normal", "x", "circle-x", "diamond", "triangle".
  std::string_view name;  ///< Of the drum.
  bool by_foot = false;   ///< Stems down.
};

/// For any MIDI pitch. Source: the usual places of Weinberg 1998, "Guidelines for Drumset Notation", and names of
/// General MIDI; keys that it has not stand in the middle.
DrumSymbol drum_symbol(int key);

}  // namespace yourmt3
