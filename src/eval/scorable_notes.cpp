#include "eval/scorable_notes.h"

#include <algorithm>
#include <iterator>

#include "score/note_ops.h"

namespace yourmt3 {

std::vector<Note> scorable_notes(std::span<const Note> notes) {
  std::vector<Note> valid(notes.begin(), notes.end());
  for (Note& note : valid) {
    if (note.is_drum) note.offset_sec = note.onset_sec + kMinimumDurationSec;
  }
  validate_notes(valid);
  sort_in_note_order(valid);
  return valid;
}

std::vector<Note> pitched_notes(std::span<const Note> notes) {
  std::vector<Note> pitched;
  std::copy_if(notes.begin(), notes.end(), std::back_inserter(pitched), [](const Note& note) { return !note.is_drum; });
  return pitched;
}

}  // namespace yourmt3
