#pragma once

#include <span>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// Shortest pitched note, and the length given to every drum note, in seconds.
inline constexpr double kMinimumDurationSec = 0.01;

/// -1, 0 or 1, as a < b, a == b, a > b. Two missing times (NaN) are equal; one missing time has no order and throws
/// Error(kInvalidArgument).
int compare_times(double a_sec, double b_sec);

/// Sorts by onset, is_drum, program, velocity, pitch. All sorts of this module are stable.
void sort_in_note_order(std::vector<Note>& notes);

/// Sorts by onset, is_drum, program, velocity, pitch, offset.
void sort_notes(std::vector<Note>& notes);

/// Repairs each note: without onset it is removed; without offset, or reversed, or pitched and shorter than
/// kMinimumDurationSec it gets that length. Drums are not lengthened.
void validate_notes(std::vector<Note>& notes);

/// Cuts each note where the next one of the same pitch, program and is_drum begins, drops what has no length left and
/// sorts in note order. A list of one note is returned as it is. Throws Error(kInvalidArgument) for missing times.
std::vector<Note> trim_overlaps(std::vector<Note> notes);

/// All notes of all lists: sorted, trimmed, then validated, so that a note cut below kMinimumDurationSec is lengthened
/// again and may overlap its successor.
std::vector<Note> mix_notes(std::span<const std::vector<Note>> lists);

/// Copies with octaves folded: pitch = pitch mod 12 + 64.
std::vector<Note> fold_octaves(std::span<const Note> notes);

/// Notes whose program is one of `programs`, in note order.
std::vector<Note> select_programs(std::span<const Note> notes, std::span<const int> programs);

}  // namespace yourmt3
