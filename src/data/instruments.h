#pragma once

#include <span>

namespace yourmt3 {

/// The pitches an instrument plays, both ends included.
struct PitchRange {
  int low = 0;
  int high = 127;

  bool contains(int pitch) const { return low <= pitch && pitch <= high; }
};

/// Usual range of a General MIDI program 0-127 as it sounds; drums have all keys of the kit, 35-81.
PitchRange instrument_range(int program);

/// Number of groups that an ear, and the networks' channels, keep apart.
inline constexpr int kInstrumentGroups = 13;

/// Group 0-12 of a program: piano, chromatic percussion, organ, guitar, bass, strings, brass, reed, pipe, lead, pad,
/// singing, drums; -1 for programs outside all groups (effects, ethnic, percussive).
int instrument_group(int program);

/// Programs that dataset synthesis may draw for a GM family 0-11 (program / 8); effects such as the orchestra hit,
/// whose pitch nobody hears, are left out.
std::span<const int> family_programs(int family);

/// Moves a pitch by octaves into the range; it stays when the range is narrower than an octave and does not hold it.
int fold_into(PitchRange range, int pitch);

}  // namespace yourmt3
