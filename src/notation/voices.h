#pragma once

#include <span>
#include <vector>

#include "notation/quantizer.h"

namespace yourmt3 {

/// Notes that begin and end together in one voice.
struct VoiceChord {
  int begin = 0, end = 0;    ///< In divisions; chords of a voice follow each other without overlap.
  std::vector<int> pitches;  ///< Ascending.
};

/// Up to two voices of a staff, the upper one first; at least one, which may be empty.
using StaffVoices = std::vector<std::vector<VoiceChord>>;

/// Distributes notes to voices. A second voice is made only where notes go on while others begin; in a voice
/// each chord ends where the next one begins, and short gaps between them are closed, as players leave them everywhere.
/// `step` and `beat_divisions` are those of the part's grid.
StaffVoices separate_voices(std::span<const QuantizedNote> notes, std::span<const int> step, int beat_divisions);

/// The hands of a drummer, then the feet; each hit lasts until the next one of its voice, at most to the end of its
/// beat.
StaffVoices drum_voices(std::span<const QuantizedNote> hits, int beat_divisions);

/// Which notes are played by the left hand, that is, stand on the lower staff.
std::vector<bool> left_hand(std::span<const QuantizedNote> notes);

}  // namespace yourmt3
