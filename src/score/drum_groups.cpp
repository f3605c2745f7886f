#include "score/drum_groups.h"

#include <utility>

#include <fmt/ranges.h>

#include "core/fail.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

// Source: the drum tables of the reference implementation; the first key stands for its class.

std::vector<DrumClass> kit_classes(std::vector<int> kick, std::vector<int> x_stick, std::vector<int> snare) {
  return {{"Kick Drum", std::move(kick)},
          {"Snare X-stick", std::move(x_stick)},
          {"Snare Drum", std::move(snare)},
          {"Closed Hi-Hat", {42, 44, 22}},
          {"Open Hi-Hat", {46, 26}},
          {"Cowbell", {56}},
          {"High Floor Tom", {43}},
          {"Low Floor Tom", {41}},
          {"Low Tom", {45}},
          {"Low-Mid Tom", {47}},
          {"Mid Tom", {48}},
          {"Low Tom (Rim)", {50}},
          {"Mid Tom (Rim)", {58}},
          {"Ride", {51}},
          {"Ride (Bell)", {53}},
          {"Ride (Edge)", {59}},
          {"Chinese Cymbal", {52}},
          {"Crash Cymbal", {49, 57}},
          {"Splash Cymbal", {55}}};
}

const std::vector<DrumVocabulary>& all_vocabularies() {
  static const std::vector<DrumVocabulary> all{
      {"gm", kit_classes({36, 35}, {37, 2}, {38, 40})},
      {"egmd", kit_classes({36}, {37}, {38})},
      {"enst",
       {{"bd", {36}},  {"sd", {38}},  {"sweep", {0}}, {"sticks", {1}}, {"rs", {2}},  {"cs", {37}},  {"chh", {42}},
        {"ohh", {46}}, {"cb", {56}},  {"c", {3}},     {"lmt", {47}},   {"mt", {48}}, {"mtr", {58}}, {"lt", {45}},
        {"ltr", {50}}, {"lft", {41}}, {"rc", {51}},   {"ch", {52}},    {"cr", {49}}, {"spl", {55}}}},
      {"ksh", {{"Kick Drum", {36, 35}}, {"Snare Drum", {38, 40}}, {"Hi-Hat", {42, 44, 46, 22, 26}}}},
      {"kshr", {{"Kick Drum", {36, 35}}, {"Snare Drum", {38, 40}}, {"Hi-Hat", {42, 44, 46, 22, 26, 51, 53, 59}}}}};
  return all;
}

}  // namespace

DrumVocabulary::DrumVocabulary(std::string name, std::vector<DrumClass> classes)
    : name_(std::move(name)), classes_(std::move(classes)) {
  class_of_.fill(-1);
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    for (const int pitch : classes_[i].pitches) class_of_.at(static_cast<std::size_t>(pitch)) = static_cast<int>(i);
  }
}

int DrumVocabulary::class_of(int pitch) const {
  return pitch >= 0 && pitch < 128 ? class_of_[static_cast<std::size_t>(pitch)] : -1;
}

int DrumVocabulary::representative(int pitch) const {
  const int index = class_of(pitch);
  return index < 0 ? pitch : classes_[static_cast<std::size_t>(index)].representative();
}

const DrumVocabulary& drum_vocabulary(std::string_view name) {
  std::vector<std::string_view> names;
  for (const DrumVocabulary& vocabulary : all_vocabularies()) {
    if (vocabulary.name() == name) return vocabulary;
    names.push_back(vocabulary.name());
  }
  fail(ErrorCode::kNotFound, "no drum vocabulary '{}', expected one of: {}", name, fmt::join(names, ", "));
}

std::vector<Note> reduce_drums(std::span<const Note> notes, const DrumVocabulary& vocabulary) {
  std::vector<Note> reduced;
  for (Note note : notes) {
    if (!note.is_drum || vocabulary.class_of(note.pitch) < 0) continue;
    note.pitch = vocabulary.representative(note.pitch);
    reduced.push_back(note);
  }
  sort_notes(reduced);
  return reduced;
}

}  // namespace yourmt3
