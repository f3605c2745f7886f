#pragma once

#include <span>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes in note order as the scores read them: without those that have no onset, repaired by validate_notes(), and
/// drums as long as the shortest note, for they are never judged by their ends.
std::vector<Note> scorable_notes(std::span<const Note> notes);

/// Those that are no drums, in the same order.
std::vector<Note> pitched_notes(std::span<const Note> notes);

}  // namespace yourmt3
