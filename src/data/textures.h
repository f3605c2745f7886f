#pragma once

#include <functional>
#include <vector>

#include "data/harmony.h"
#include "data/instruments.h"
#include "data/random.h"

namespace yourmt3 {

/// A note in beats from the start of the piece.
struct BeatNote {
  double beat = 0;
  double beats = 1;
  int pitch = 60;
  int velocity = 90;
};

/// What a texture has to follow: the harmony, the metre, and which bars are its own.
struct Frame {
  Key key;
  std::vector<Chord> chords;  ///< Contiguous from beat 0.
  int beats_per_bar = 4;
  int bars = 4;
  std::vector<double> loudness;  ///< Per bar: 0 where the part rests, about 1 otherwise.

  const Chord& chord_at(double beat) const;
  bool plays_at(double beat) const;
  int level(double beat, int velocity) const;  ///< Velocity after the bar's loudness.
};

/// A tune: rhythm from a two-bar motif that comes again, steps of the scale between chord tones, breaths between
/// phrases. `busy` 0-1 from long notes to sixteenths.
std::vector<BeatNote> write_melody(const Frame& frame, PitchRange range, double busy, Random& random);

/// A second voice of longer notes that keeps to chord tones.
std::vector<BeatNote> write_counter_melody(const Frame& frame, PitchRange range, Random& random);

enum class BassKind { kSustained, kRootFifth, kWalking, kEighths, kOctaves, kSyncopated, kSixteenths };
std::vector<BeatNote> write_bass(const Frame& frame, PitchRange range, BassKind kind, Random& random);

enum class ChordKind { kPad, kBlock, kStrum, kArpeggio, kChorale };
/// `centre` is the middle of the voicing; strums spread the strings by some milliseconds (given as beats).
std::vector<BeatNote> write_chords(const Frame& frame, PitchRange range, ChordKind kind, int centre, Random& random);

}  // namespace yourmt3
