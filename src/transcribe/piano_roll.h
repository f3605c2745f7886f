#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "core/atomic_file.h"
#include "transcribe/piano_roll_layout.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes as a picture: time to the right, pitch upwards, one colour for each instrument, drums in lanes of their
/// own below. Notes without an onset or with an impossible pitch are left out; no notes give an empty picture that says
/// so. The bytes of a PNG file.
std::string piano_roll_png(std::span<const Note> notes, const PianoRollOptions& options = {});

/// Writes the picture to `path`, whole or not at all. Throws Error(kIo).
void draw_piano_roll(std::span<const Note> notes, const PianoRollOptions& options, const std::filesystem::path& path,
                     AtomicFile::Existing existing = AtomicFile::Existing::kReplace);

}  // namespace yourmt3
