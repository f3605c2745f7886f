#pragma once

#include <filesystem>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes of a file, whatever its name: MIDI (read with general_midi_options()), our JSON, or CSV, told apart by how
/// it begins. Throws Error(kNotFound), Error(kIo), or Error(kMalformed) with the path and the place.
std::vector<Note> read_note_file(const std::filesystem::path& path);

/// The same with the velocities of MIDI files as they are, where read_note_file() makes them 1. Of notes that begin
/// together on one pitch of a program, the loudest stays.
std::vector<Note> read_note_file_with_velocity(const std::filesystem::path& path);

}  // namespace yourmt3
