#include "prepare/singing_annotation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "core/json_depth.h"
#include "prepare/annotated_notes.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

constexpr int kLastCorrected = 100;  // As the reference, which looks at no more.
constexpr double kLongestCorrectionSec = 0.5;

/// Throws Error(kMalformed); `where` names the recording.
std::vector<Note> read_notes(const json& list, const std::string& where) {
  if (!list.is_array()) fail(ErrorCode::kMalformed, "{}: no list of notes", where);
  std::vector<Note> notes;
  for (const json& item : list) {
    const auto is_number = [](const json& value) { return value.is_number(); };
    if (!item.is_array() || item.size() != 3 || !std::all_of(item.begin(), item.end(), is_number)) {
      fail(ErrorCode::kMalformed, "{}: note {} is not three numbers, [onset, offset, pitch]", where, notes.size());
    }
    const double pitch = item[2].get<double>();
    Note note{.program = kSingingProgram, .onset_sec = item[0].get<double>(), .offset_sec = item[1].get<double>()};
    if (!(note.onset_sec >= 0) || !std::isfinite(note.onset_sec) || !std::isfinite(note.offset_sec) ||
        !(pitch >= 0 && pitch < 128)) {
      fail(ErrorCode::kMalformed, "{}: note {} is [{}, {}, {}], which are no two times and a MIDI pitch", where,
           notes.size(), note.onset_sec, note.offset_sec, pitch);
    }
    note.pitch = static_cast<int>(pitch);  // As the reference: not rounded.
    notes.push_back(note);
  }
  return notes;
}

void lengthen_short_notes(std::vector<Note>& notes) {
  for (std::size_t i = 0; i + 1 < notes.size(); ++i) {
    const double next_sec = notes[i + 1].onset_sec;
    if (notes[i].offset_sec - notes[i].onset_sec < kMinimumDurationSec &&
        next_sec - notes[i].offset_sec < kLongestCorrectionSec) {
      notes[i].offset_sec = next_sec;
    }
  }
}

}  // namespace

std::map<int, SungNotes> parse_singing_annotation(std::string_view text, const std::string& name, bool lengthen_short) {
  json all;
  try {
    all = json::parse(shallow_json(text));
  } catch (const json::exception& error) {
    fail(ErrorCode::kMalformed, "{}: no JSON: {}", name, error.what());
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", name, error.what());
  }
  if (!all.is_object()) fail(ErrorCode::kMalformed, "{}: not a JSON object of recordings", name);
  std::map<int, SungNotes> recordings;
  for (const auto& [key, list] : all.items()) {
    int number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc() || end != key.data() + key.size() || number < 0) {
      fail(ErrorCode::kMalformed, "{}: '{}' is no number of a recording", name, key.substr(0, 80));
    }
    SungNotes sung;
    try {
      sung.notes = read_notes(list, fmt::format("{}, recording {}", name, number));
      if (lengthen_short && number <= kLastCorrected) lengthen_short_notes(sung.notes);
      sung.notes = tidy_annotated_notes(std::move(sung.notes));
    } catch (const Error& fault) {
      sung = {{}, fault.what()};
    }
    if (!recordings.emplace(number, std::move(sung)).second) {
      fail(ErrorCode::kMalformed, "{}: recording {} is there twice", name, number);
    }
  }
  return recordings;
}

}  // namespace yourmt3
