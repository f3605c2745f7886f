#pragma once

#include <filesystem>
#include <vector>

#include "score/midi_reader.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes of a MIDI file as read_notes() gives them: for data sets whose annotation is MIDI. Drum notes have the
/// program kDrumProgram. Throws Error as read_midi_file() and read_notes(), the message beginning with the path.
std::vector<Note> read_midi_notes(const std::filesystem::path& path, const MidiNoteOptions& options);

/// Notes that are written down as text, in seconds: sorted, repaired (validate_notes), then trimmed where two of one
/// pitch and program overlap. Times are not rounded; velocity becomes 1.
///
/// As the reference: repaired before trimmed, MIDI the other way round, so a note cut below 10 ms stays so short.
std::vector<Note> tidy_annotated_notes(std::vector<Note> notes);

/// Their programs, each once, ascending.
std::vector<int> programs_of(const std::vector<Note>& notes);

/// A drum hit at this time, with the length that the reference gives all of them.
Note drum_hit(double onset_sec, int pitch);

}  // namespace yourmt3
