#include "score/note_file.h"

#include <string_view>

#include <fmt/format.h>

#include "core/mapped_file.h"
#include "score/midi_reader.h"
#include "score/note_text.h"
#include "yourmt3/error.h"

namespace yourmt3 {

namespace {

std::vector<Note> read(const std::filesystem::path& path, const MidiNoteOptions& options) {
  const MappedFile mapped(path);
  const auto bytes = mapped.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  try {
    if (text.starts_with("MThd")) return read_notes(parse_midi(bytes), options).notes;
    if (text.starts_with("{")) return notes_from_json(text);
    if (text.find("onset_sec") < text.find('\n')) return notes_from_csv(text);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", path.string(), error.what()));
  }
  throw Error(ErrorCode::kMalformed,
              fmt::format("{}: neither a MIDI file nor notes as JSON or CSV (with a heading that has onset_sec)",
                          path.string()));
}

}  // namespace

std::vector<Note> read_note_file(const std::filesystem::path& path) {
  return read(path, general_midi_options());
}

std::vector<Note> read_note_file_with_velocity(const std::filesystem::path& path) {
  MidiNoteOptions options = general_midi_options();
  options.binary_velocity = false;
  return read(path, options);
}

}  // namespace yourmt3
