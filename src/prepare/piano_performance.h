#pragma once

#include <filesystem>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes of a piano that recorded itself: all of program 0, prolonged by the sustain pedal. Throws as
/// read_midi_notes().
std::vector<Note> read_piano_notes(const std::filesystem::path& path);

}  // namespace yourmt3
