#include "prepare/annotated_notes.h"

#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "score/note_ops.h"
#include "yourmt3/error.h"

namespace yourmt3 {

std::vector<Note> read_midi_notes(const std::filesystem::path& path, const MidiNoteOptions& options) {
  const MidiFile file = read_midi_file(path);
  try {
    std::vector<Note> notes = read_notes(file, options).notes;
    for (Note& note : notes) {
      if (note.is_drum) note.program = kDrumProgram;
    }
    return notes;
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": " + error.what());
  }
}

std::vector<Note> tidy_annotated_notes(std::vector<Note> notes) {
  std::erase_if(notes, [](const Note& note) { return std::isnan(note.onset_sec); });
  for (Note& note : notes) {
    note.velocity = 1;
    // Sorting looks at offsets, so that missing ones cannot wait for the repair.
    if (std::isnan(note.offset_sec)) note.offset_sec = note.onset_sec + kMinimumDurationSec;
  }
  sort_notes(notes);
  validate_notes(notes);
  return trim_overlaps(std::move(notes));
}

std::vector<int> programs_of(const std::vector<Note>& notes) {
  std::set<int> programs;
  for (const Note& note : notes) programs.insert(note.program);
  return {programs.begin(), programs.end()};
}

Note drum_hit(double onset_sec, int pitch) {
  return {true, kDrumProgram, onset_sec, onset_sec + kMinimumDurationSec, pitch, 1};
}

}  // namespace yourmt3
