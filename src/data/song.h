#pragma once

#include <span>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// One note as it is to be played.
struct PlayedNote {
  double onset_sec = 0;
  double offset_sec = 0;
  int pitch = 60;     ///< MIDI pitch; for drums the key of the kit.
  int velocity = 90;  ///< 1-127.

  friend bool operator==(const PlayedNote&, const PlayedNote&) = default;
};

/// What one instrument plays; sorted by onset, then pitch.
struct Part {
  int program = 0;  ///< 0-127, or kDrumProgram.
  std::vector<PlayedNote> notes;

  bool is_drum() const { return program == kDrumProgram; }
  friend bool operator==(const Part&, const Part&) = default;
};

/// Music ready to be rendered.
struct Song {
  std::vector<Part> parts;
  double seconds = 0;  ///< Length; no note begins after it.

  friend bool operator==(const Song&, const Song&) = default;
};

/// Sorts the notes, drops those shorter than 10 ms and ends a note where the next of its pitch begins, because a
/// synthesizer would sound neither label.
void tidy_notes(Part& part);

/// The notes as labels: velocity 1, drums with a written length of at least 10 ms.
std::vector<Note> to_notes(const Part& part);

/// Notes as a song, one part for each program in ascending order, drums last, each tidied. Velocity 1, which says
/// nothing, becomes 90; notes without a time or a pitch, a program or a length that can be played are left out.
Song song_of_notes(std::span<const Note> notes);

}  // namespace yourmt3
