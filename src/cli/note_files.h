#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3::cli {

/// What notes can be written as.
enum class NoteFormat { kMidi, kJson, kCsv, kPng };

/// "midi", "json", "csv", "png".
std::optional<NoteFormat> note_format_named(std::string_view name);
const std::vector<std::string>& note_format_names();

/// ".mid", ".json", ".csv", ".png".
const char* extension_of(NoteFormat format);

/// By its extension, upper or lower case; none for an unknown one.
std::optional<NoteFormat> note_format_of(const std::filesystem::path& path);

/// The bytes of a file with these notes; title and length of the recording are for the picture.
std::string notes_to_bytes(std::span<const Note> notes, NoteFormat format, const std::string& title,
                           double duration_sec);

/// How many notes each instrument plays, by number of notes.
struct InstrumentCount {
  std::string name;
  int program = 0;  ///< kDrumProgram for drums.
  int n_notes = 0;
};
std::vector<InstrumentCount> count_instruments(std::span<const Note> notes);

}  // namespace yourmt3::cli
