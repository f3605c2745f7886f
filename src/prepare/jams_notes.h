#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// What a JAMS annotation says of the notes of a recording.
struct JamsNotes {
  std::vector<Note> notes;             ///< Of all its annotations of notes, such as one for each string.
  std::size_t n_left_out = 0;          ///< Observations with a confidence, or a value that is no fraction.
  std::optional<double> duration_sec;  ///< Of the recording.
};

/// The notes in the `note_midi` annotations of a JAMS file, played by `program`: pitches are rounded, times are not. As
/// the reference, only observations whose value is written as a fraction (67.0) and whose confidence is null are notes.
/// `name` stands for the text in messages. Throws Error(kMalformed) for text that is no JAMS, and for observations that
/// are none.
JamsNotes parse_jams_notes(std::string_view text, const std::string& name, int program);

}  // namespace yourmt3
