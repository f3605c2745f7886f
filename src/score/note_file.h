#pragma once

#include <filesystem>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes of a file, whatever its name: MIDI (read with general_midi_options()), our JSON, or CSV, told apart by how
/// it begins. Throws Error(kNotFound), Error(kIo), or Error(kMalformed) with the path and the place.
std::vector<Note> read_note_file(const std::filesystem::path& path);

}  // namespace yourmt3
