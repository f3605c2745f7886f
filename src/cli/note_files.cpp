#include "cli/note_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "score/midi_writer.h"
#include "score/note_text.h"
#include "transcribe/piano_roll.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

const std::vector<std::string>& note_format_names() {
  static const std::vector<std::string> names = {"midi", "json", "csv", "png"};  // In the order of NoteFormat.
  return names;
}

std::optional<NoteFormat> note_format_named(std::string_view name) {
  const auto& names = note_format_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<NoteFormat>(found - names.begin());
}

const char* extension_of(NoteFormat format) {
  switch (format) {
    case NoteFormat::kMidi:
      return ".mid";
    case NoteFormat::kJson:
      return ".json";
    case NoteFormat::kCsv:
      return ".csv";
    case NoteFormat::kPng:
      return ".png";
  }
  return "";
}

std::optional<NoteFormat> note_format_of(const std::filesystem::path& path) {
  const std::string extension = lower(path.extension().string());
  if (extension == ".midi") return NoteFormat::kMidi;
  for (const NoteFormat format : {NoteFormat::kMidi, NoteFormat::kJson, NoteFormat::kCsv, NoteFormat::kPng}) {
    if (extension == extension_of(format)) return format;
  }
  return std::nullopt;
}

std::string notes_to_bytes(std::span<const Note> notes, NoteFormat format, const std::string& title,
                           double duration_sec) {
  switch (format) {
    case NoteFormat::kMidi:
      return serialize_midi(notes_to_midi(notes));
    case NoteFormat::kJson:
      return notes_to_json(notes);
    case NoteFormat::kCsv:
      return notes_to_csv(notes);
    case NoteFormat::kPng:
      return piano_roll_png(notes, {.title = title, .duration_sec = duration_sec});
  }
  return {};
}

std::vector<InstrumentCount> count_instruments(std::span<const Note> notes) {
  std::map<std::string, InstrumentCount> counts;
  for (const Note& note : notes) {
    const int program = note.is_drum ? kDrumProgram : note.program;
    const std::string name = instrument_name(program);
    InstrumentCount& count = counts.try_emplace(name, InstrumentCount{name, program, 0}).first->second;
    ++count.n_notes;
  }
  std::vector<InstrumentCount> sorted;
  for (const auto& [name, count] : counts) sorted.push_back(count);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const InstrumentCount& a, const InstrumentCount& b) { return a.n_notes > b.n_notes; });
  return sorted;
}

}  // namespace yourmt3::cli
