#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "score/decode_errors.h"
#include "score/note_event.h"
#include "support/golden.h"
#include "yourmt3/error.h"

// How the recordings write notes, events and bytes.

namespace yourmt3::testing {

using nlohmann::json;

inline double time_from(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

inline json time_to(double time_sec) {
  return std::isnan(time_sec) ? json() : json(time_sec);
}

inline std::vector<Note> notes_from(const json& list) {
  std::vector<Note> notes;
  for (const json& n : list) {
    notes.push_back({n.at(0).get<int>() != 0, n.at(1), time_from(n.at(2)), time_from(n.at(3)), n.at(4), n.at(5)});
  }
  return notes;
}

inline json notes_to(const std::vector<Note>& notes) {
  json list = json::array();
  for (const Note& n : notes) {
    list.push_back({n.is_drum ? 1 : 0, n.program, time_to(n.onset_sec), time_to(n.offset_sec), n.pitch, n.velocity});
  }
  return list;
}

inline std::vector<NoteEvent> events_from(const json& list) {
  std::vector<NoteEvent> events;
  for (const json& e : list) {
    events.push_back({e.at(0).get<int>() != 0, e.at(1), time_from(e.at(2)), e.at(3), e.at(4)});
  }
  return events;
}

inline json event_to(const NoteEvent& e) {
  return {e.is_drum ? 1 : 0, e.program, time_to(e.time_sec), e.velocity, e.pitch};
}

inline json events_to(std::span<const NoteEvent> events) {
  json list = json::array();
  for (const NoteEvent& e : events) list.push_back(event_to(e));
  return list;
}

inline json ties_to(const std::vector<Tie>& ties) {
  json list = json::array();
  for (const Tie& tie : ties) list.push_back({tie.program, tie.pitch});
  return list;
}

inline json errors_to(const DecodeErrors& errors) {
  json counts = json::object();
  for (std::size_t i = 0; i < kDecodeErrorKinds; ++i) {
    const auto error = static_cast<DecodeError>(i);
    if (errors.count(error) != 0) counts[reference_name(error)] = errors.count(error);
  }
  return counts;
}

inline std::string base64_to_bytes(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int n_bits = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    n_bits += 6;
    if (n_bits >= 8) bytes.push_back(static_cast<char>(bits >> (n_bits -= 8)));
  }
  return bytes;
}

/// Holds `compute`, a function that gives JSON, to a recorded {"ok": value} or {"error": type}.
template <class Compute>
void expect_recorded(const json& recorded, const std::string& where, const Compute& compute) {
  if (recorded.contains("error")) {
    EXPECT_THROW(compute(), Error) << where;
    return;
  }
  json found;
  ASSERT_NO_THROW(found = compute()) << where;
  // JSON numbers compare as doubles, bit for bit except for the sign of zero.
  EXPECT_EQ(found, recorded.at("ok")) << where;
}

/// Calls `check` on each case of a recording; an empty recording fails.
template <class Check>
void for_each_case(const std::string& relative, const Check& check) {
  const json recording = golden_json(relative);
  ASSERT_FALSE(recording.at("cases").empty()) << relative;
  for (std::size_t i = 0; i < recording["cases"].size(); ++i) {
    const json& item = recording["cases"][i];
    check(item, relative + " case " + std::to_string(i) + " " + item.value("name", std::string()) + " " +
                    item.value("task", std::string()));
  }
}

}  // namespace yourmt3::testing
