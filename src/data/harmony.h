#pragma once

#include <array>
#include <vector>

#include "data/random.h"

namespace yourmt3 {

/// A chord that sounds for some beats of a piece.
struct Chord {
  double start_beat = 0;
  double beats = 4;
  std::vector<int> tones;  ///< Pitch classes 0-11, the root first.
};

/// A key: seven pitch classes counted from the tonic.
struct Key {
  int tonic = 0;
  std::array<int, 7> steps{0, 2, 4, 5, 7, 9, 11};
  bool minor = false;

  /// Pitch of the scale's step `index`, where step 0 is the tonic in octave 0; negative steps are allowed.
  int pitch(int index) const;

  /// The step whose pitch is nearest.
  int nearest_step(int pitch) const;
};

Key draw_key(Random& random);

/// Chords for `bars` bars; a progression of four or eight chords comes again and changes now and then.
/// `sevenths` is the chance of a fourth tone.
std::vector<Chord> draw_chords(const Key& key, int bars, int beats_per_bar, double sevenths, Random& random);

/// The chord's tones as pitches around `centre`, ascending, `count` of them; near centres give smooth voice leading.
std::vector<int> voice_chord(const Chord& chord, int centre, int count);

/// The chord tone nearest to `pitch`.
int nearest_chord_tone(const Chord& chord, int pitch);

}  // namespace yourmt3
