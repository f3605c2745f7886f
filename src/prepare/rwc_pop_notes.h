#pragma once

#include <string>
#include <vector>

#include "score/midi_file.h"
#include "yourmt3/note.h"

namespace yourmt3 {

struct RwcPopNotes {
  std::vector<Note> notes;
  std::vector<std::string> unknown;  ///< Names of tracks that play what no rule knows; their notes are left out.
};

/// All notes of a piece of RWC-Pop, with programs by the names of its tracks (rwc_track_role()). As in the reference,
/// tracks of one program are played on one channel, so that one's note-off or pedal ends or holds another's notes; the
/// pedal counts, and the first track only gives the tempo. Throws Error as read_notes().
RwcPopNotes rwc_pop_notes(const MidiFile& file);

}  // namespace yourmt3
