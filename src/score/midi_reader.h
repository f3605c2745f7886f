#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "score/midi_file.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// How messages become notes. The defaults are those of the reference; for files of unknown origin take
/// general_midi_options().
struct MidiNoteOptions {
  bool binary_velocity = true;       ///< Velocity becomes 1; otherwise it stays 1-127.
  bool channel_10_is_drums = false;  ///< The channel of index 9 plays the drum kit, whatever program it asks for.
  bool all_drums = false;            ///< Every note is a drum note; as the reference, its program stays.
  std::optional<int> missing_program = std::nullopt;  ///< For notes before any program change, an error otherwise.
  bool ignore_pedal = false;                          ///< The sustain pedal does not prolong notes.
  bool quantize = true;                               ///< Times to 10 ms.
  bool trim = true;                                   ///< trim_overlaps().
  bool validate = true;                               ///< validate_notes().
  /// Channels on which a track of that name plays (upper and lower case are the same) have this program, drums too.
  std::map<std::string, int> program_of_track_name = {};
  /// Notes of tracks named "Singing Voice" and "Singing Voice (chorus)" are kSingingProgram and kChorusProgram: MIDI
  /// has no such programs, so our own files tell them by these names.
  bool singing_by_track_name = false;
};

/// General MIDI: channel 10 is the drum kit, a channel without a program plays the piano, singing as we write it.
MidiNoteOptions general_midi_options();

struct MidiNotes {
  std::vector<Note> notes;
  double duration_sec = 0;                      ///< Until the last end of a track.
  std::array<std::optional<int>, 16> programs;  ///< Last program of each channel.
};

/// All notes of a file, in note order unless the options leave the rest out. Throws Error(kUnsupported) for format 2
/// and Error(kMalformed) for a note without a program.
MidiNotes read_notes(const MidiFile& file, const MidiNoteOptions& options = {});

/// The notes of one instrument: those of one track, channel and program.
struct MidiPart {
  int track = 0;           ///< Index into MidiFile::tracks.
  std::string track_name;  ///< Empty without one.
  int channel = 0;         ///< Counted from zero.
  int program = 0;         ///< kDrumProgram for drums.
  std::vector<Note> notes;
};

/// As read_notes(), by instrument: ordered by track, channel, program; trimming stays inside each.
std::vector<MidiPart> read_parts(const MidiFile& file, const MidiNoteOptions& options);

}  // namespace yourmt3
