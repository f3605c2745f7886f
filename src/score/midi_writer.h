#pragma once

#include <span>
#include <string>
#include <vector>

#include "score/midi_file.h"
#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

struct MidiWriteOptions {
  /// Instruments of the file: programs become the first of their class, tracks get its name. Null: as they are, tracks
  /// are named as in gm_ext_plus.
  const ProgramVocabulary* instruments = &program_vocabulary("gm_ext_plus");

  /// Exactly the bytes of the reference implementation. The differences: it lets notes of grouped programs overlap in
  /// one track, and all instruments after the fifteenth play on channel 16 with whatever program came last.
  bool as_reference = false;
};

/// The program that plays a program of ours: MIDI has no singers, so an alto saxophone and voice oohs play for them,
/// and the drum kit is 0.
int midi_program(int program);

/// Notes to a file of format 1 with 480 ticks per quarter at 120 quarters a minute: an empty first track, then one for
/// each program in ascending order, drums last, on channel 10. With more than fifteen pitched instruments those with
/// the most notes keep a channel of their own, and the others share channel 16, where each note is preceded by its
/// program change if another instrument played before. Velocity 1 is written as 100, a larger one as it is.
///
/// Throws Error(kInvalidArgument) for a pitch, program or time that a MIDI file cannot hold.
MidiFile notes_to_midi(std::span<const Note> notes, const MidiWriteOptions& options = {});

}  // namespace yourmt3
