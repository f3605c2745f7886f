#include "prepare/piano_performance.h"

#include "prepare/annotated_notes.h"

namespace yourmt3 {

std::vector<Note> read_piano_notes(const std::filesystem::path& path) {
  MidiNoteOptions options;
  options.missing_program = 0;
  std::vector<Note> notes = read_midi_notes(path, options);
  for (Note& note : notes) note.program = 0;
  return notes;
}

}  // namespace yourmt3
