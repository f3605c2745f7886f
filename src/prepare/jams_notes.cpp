#include "prepare/jams_notes.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "core/json_depth.h"
#include "prepare/annotated_notes.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

/// The member, or null.
const json& member(const json& object, const char* key) {
  static const json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

double number(const json& value) {
  return value.is_number() ? value.get<double>() : std::nan("");
}

}  // namespace

JamsNotes parse_jams_notes(std::string_view text, const std::string& name, int program) {
  json jams;
  try {
    jams = json::parse(shallow_json(text));
  } catch (const json::exception& error) {
    fail(ErrorCode::kMalformed, "{}: no JSON: {}", name, error.what());
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", name, error.what());
  }
  const json& annotations = member(jams, "annotations");
  if (!annotations.is_array()) fail(ErrorCode::kMalformed, "{}: no JAMS: it has no list of annotations", name);
  JamsNotes result;
  const double duration_sec = number(member(member(jams, "file_metadata"), "duration"));
  if (duration_sec > 0) result.duration_sec = duration_sec;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    if (member(annotations[i], "namespace") != "note_midi") continue;
    const json& data = member(annotations[i], "data");
    if (!data.is_array()) fail(ErrorCode::kMalformed, "{}: annotation {} has no list of observations", name, i);
    for (std::size_t k = 0; k < data.size(); ++k) {
      const json& value = member(data[k], "value");
      if (!value.is_number_float() || !member(data[k], "confidence").is_null()) {
        ++result.n_left_out;
        continue;
      }
      const double pitch = std::nearbyint(value.get<double>());
      Note note{.program = program, .onset_sec = number(member(data[k], "time"))};
      note.offset_sec = note.onset_sec + number(member(data[k], "duration"));
      if (!(note.onset_sec >= 0) || !std::isfinite(note.offset_sec) || !(pitch >= 0 && pitch < 128)) {
        fail(ErrorCode::kMalformed,
             "{}: observation {} of annotation {} has time {}, end {} and value {}; expected seconds and a MIDI pitch",
             name, k, i, note.onset_sec, note.offset_sec, value.get<double>());
      }
      note.pitch = static_cast<int>(pitch);
      result.notes.push_back(note);
    }
  }
  result.notes = tidy_annotated_notes(std::move(result.notes));
  return result;
}

}  // namespace yourmt3
