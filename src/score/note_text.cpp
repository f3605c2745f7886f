#include "score/note_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/emptied_json.h"
#include "core/fail.h"
#include "core/json_depth.h"

namespace yourmt3 {

namespace {

constexpr const char* kJsonFormat = "yourmt3-notes";
constexpr int kJsonVersion = 1;

void check_note(const Note& note, const std::string& where) {
  const bool valid = std::isfinite(note.onset_sec) && std::isfinite(note.offset_sec) && note.pitch >= 0 &&
                     note.pitch <= 127 && note.program >= 0 && note.program <= kUnannotatedProgram &&
                     note.velocity >= 0 && note.velocity <= 127;
  if (!valid) {
    fail(ErrorCode::kMalformed,
         "{}: onset {}, offset {}, pitch {}, program {}, velocity {}: expected finite times, pitch and velocity 0-127, "
         "program 0-129",
         where, note.onset_sec, note.offset_sec, note.pitch, note.program, note.velocity);
  }
  if (note.confidence && !(*note.confidence >= 0 && *note.confidence <= 1)) {
    fail(ErrorCode::kMalformed, "{}: confidence {}, expected 0 to 1", where, *note.confidence);
  }
}

/// A number without its fraction. That of JSON may be beyond every int.
int to_int(const nlohmann::json& json) {
  const double number = json.get<double>();
  if (!(std::abs(number) <= std::numeric_limits<int>::max())) {
    fail(ErrorCode::kMalformed, "{} is no pitch, program or velocity", number);
  }
  return static_cast<int>(number);
}

enum class Column { kOnset, kOffset, kPitch, kProgram, kIsDrum, kVelocity, kConfidence, kOther };

Column column_of(std::string_view name) {
  constexpr std::array<std::string_view, 7> names{"onset_sec", "offset_sec", "pitch",     "program",
                                                  "is_drum",   "velocity",   "confidence"};
  return static_cast<Column>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t end = line.find(separator);
    cells.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

// A line without its end; `text` then begins with the next one.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

template <class T>
T to_number(std::string_view cell, int line_number) {
  T value{};
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) {
    fail(ErrorCode::kMalformed, "line {}: '{}' is not a number", line_number, cell.substr(0, 40));
  }
  return value;
}

Note note_of(std::span<const Column> columns, std::span<const std::string_view> cells, int line_number) {
  Note note;
  bool has_is_drum = false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    switch (columns[i]) {
      case Column::kOnset:
        note.onset_sec = to_number<double>(cells[i], line_number);
        break;
      case Column::kOffset:
        note.offset_sec = to_number<double>(cells[i], line_number);
        break;
      case Column::kPitch:
        note.pitch = to_number<int>(cells[i], line_number);
        break;
      case Column::kProgram:
        note.program = to_number<int>(cells[i], line_number);
        break;
      case Column::kVelocity:
        note.velocity = to_number<int>(cells[i], line_number);
        break;
      case Column::kConfidence:
        if (!cells[i].empty()) note.confidence = to_number<double>(cells[i], line_number);
        break;
      case Column::kIsDrum:
        note.is_drum = to_number<int>(cells[i], line_number) != 0;
        has_is_drum = true;
        break;
      case Column::kOther:
        break;
    }
  }
  if (!has_is_drum) note.is_drum = note.program == kDrumProgram;
  return note;
}

}  // namespace

std::string notes_to_json(std::span<const Note> notes, const ProgramVocabulary& instruments,
                          std::string_view further_members) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Note& note : notes) {
    list.push_back({{"onset_sec", note.onset_sec},
                    {"offset_sec", note.offset_sec},
                    {"pitch", note.pitch},
                    {"program", note.program},
                    {"is_drum", note.is_drum},
                    {"velocity", note.velocity},
                    {"instrument", instruments.instrument_name(note.is_drum ? kDrumProgram : note.program)}});
    if (note.confidence) list.back()["confidence"] = *note.confidence;
  }
  // One note a line: short, and line tools can work with it.
  std::string out =
      fmt::format("{{\"format\": \"{}\", \"version\": {}, {}\"notes\": [", kJsonFormat, kJsonVersion, further_members);
  const char* separator = "\n";
  for (const auto& note : list) {
    out += separator + note.dump();
    separator = ",\n";
  }
  return out + "\n]}\n";
}

std::vector<Note> notes_from_json(std::string_view text) {
  try {
    const EmptiedJson parsed(nlohmann::json::parse(shallow_json(text)));
    const nlohmann::json& json = *parsed;
    const nlohmann::json& format = json.at("format");
    // Comparing JSON with text would make JSON of it, and end the program where there is no memory.
    if (!format.is_string() || format.get_ref<const std::string&>() != kJsonFormat)
      fail(ErrorCode::kMalformed, "'format' is not '{}'", kJsonFormat);
    if (json.at("version") != kJsonVersion) {
      fail(ErrorCode::kUnsupported, "'version' is {}, expected {}", json.at("version").dump(), kJsonVersion);
    }
    const auto& list = json.at("notes");
    if (!list.is_array()) fail(ErrorCode::kMalformed, "'notes' is not an array");
    std::vector<Note> notes;
    for (const auto& item : list) {
      Note note;
      item.at("onset_sec").get_to(note.onset_sec);
      item.at("offset_sec").get_to(note.offset_sec);
      note.pitch = to_int(item.at("pitch"));
      note.program = to_int(item.at("program"));
      if (const auto velocity = item.find("velocity"); velocity != item.end()) note.velocity = to_int(*velocity);
      note.is_drum = item.value("is_drum", note.program == kDrumProgram);
      if (item.contains("confidence")) note.confidence = item["confidence"].get<double>();
      check_note(note, fmt::format("note {}", notes.size()));
      notes.push_back(note);
    }
    return notes;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kMalformed, fmt::format("notes as JSON: {}", error.what()));
  }
}

std::string notes_to_csv(std::span<const Note> notes, const ProgramVocabulary& instruments) {
  const bool heard =
      std::any_of(notes.begin(), notes.end(), [](const Note& note) { return note.confidence.has_value(); });
  std::string out = "onset_sec,offset_sec,pitch,program,is_drum,velocity,instrument";
  out += heard ? ",confidence\n" : "\n";
  for (const Note& note : notes) {
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{}", note.onset_sec, note.offset_sec, note.pitch,
                   note.program, note.is_drum ? 1 : 0, note.velocity,
                   instruments.instrument_name(note.is_drum ? kDrumProgram : note.program));
    if (heard) out += note.confidence ? fmt::format(",{}", *note.confidence) : ",";
    out += '\n';
  }
  return out;
}

std::vector<Note> notes_from_csv(std::string_view text) {
  std::vector<Column> columns;
  for (const std::string_view name : split(take_line(text), ',')) columns.push_back(column_of(name));
  for (const Column needed : {Column::kOnset, Column::kOffset, Column::kPitch, Column::kProgram}) {
    if (std::count(columns.begin(), columns.end(), needed) != 1) {
      fail(ErrorCode::kMalformed,
           "line 1: expected a heading with each of onset_sec, offset_sec, pitch and program once");
    }
  }
  std::vector<Note> notes;
  for (int line_number = 2; !text.empty(); ++line_number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const std::vector<std::string_view> cells = split(line, ',');
    if (cells.size() != columns.size()) {
      fail(ErrorCode::kMalformed, "line {}: found {} cells, expected {} as in the heading", line_number, cells.size(),
           columns.size());
    }
    notes.push_back(note_of(columns, cells, line_number));
    check_note(notes.back(), fmt::format("line {}", line_number));
  }
  return notes;
}

}  // namespace yourmt3
