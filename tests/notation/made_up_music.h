#pragma once

#include <vector>

#include "yourmt3/note.h"

namespace yourmt3::testing {

inline Note played(double onset_sec, double length_sec, int pitch, int program = 0) {
  return {.program = program, .onset_sec = onset_sec, .offset_sec = onset_sec + length_sec, .pitch = pitch};
}

inline Note struck(double onset_sec, int key) {
  return {
      .is_drum = true, .program = kDrumProgram, .onset_sec = onset_sec, .offset_sec = onset_sec + 0.01, .pitch = key};
}

/// Bars of four beats: a bass note and a chord on the first, quarters above; G major.
inline std::vector<Note> four_four(double beat_sec, int bars, double start_sec = 0) {
  constexpr int kBass[] = {43, 48, 50, 43};
  constexpr int kMelody[] = {67, 71, 74, 72, 76, 72, 67, 69, 66, 69, 74, 72, 71, 69, 67, 67};
  std::vector<Note> notes;
  for (int bar = 0; bar < bars; ++bar) {
    const double begin_sec = start_sec + 4 * bar * beat_sec;
    const int bass = kBass[bar % 4];
    notes.push_back(played(begin_sec, 3.9 * beat_sec, bass, 33));
    for (const int above : {16, 19, 24}) notes.push_back(played(begin_sec, 3.8 * beat_sec, bass + above, 48));
    for (int beat = 0; beat < 4; ++beat) {
      notes.push_back(played(begin_sec + beat * beat_sec, 0.9 * beat_sec, kMelody[4 * (bar % 4) + beat], 73));
    }
  }
  return notes;
}

}  // namespace yourmt3::testing
