#include "eval/class_sets.h"

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "core/fail.h"

namespace yourmt3 {

namespace {

std::vector<int> range(int first, int last) {
  std::vector<int> programs(static_cast<std::size_t>(last - first + 1));
  std::iota(programs.begin(), programs.end(), first);
  return programs;
}

// Those classes of a vocabulary that hold pitched instruments below `end_program`.
ProgramVocabulary renamed(const char* name, std::string_view vocabulary, int end_program = 128) {
  std::vector<ProgramClass> classes;
  for (const ProgramClass& one : program_vocabulary(vocabulary).classes()) {
    if (one.representative() < end_program) classes.push_back(one);
  }
  return {name, std::move(classes)};
}

// Source: the evaluation presets of the reference implementation.
const std::vector<ProgramVocabulary>& all_sets() {
  static const std::vector<ProgramVocabulary> sets{
      {"PIANO_SOLO_CLASS", {{"Piano", range(0, 7)}}},
      {"GUITAR_SOLO_CLASS", {{"Guitar", range(24, 31)}}},
      {"SINGING_SOLO_CLASS", {{"Singing Voice", {kSingingProgram, kChorusProgram}}}},
      {"SINGING_CHORUS_SEP_CLASS",
       {{"Singing Voice", {kSingingProgram}}, {"Singing Voice (chorus)", {kChorusProgram}}}},
      {"BASS_SOLO_CLASS", {{"Bass", range(32, 39)}}},
      {"MUSICNET_INSTR_CLASS", {{"Piano", range(0, 7)}, {"Strings", range(40, 51)}, {"Winds", range(64, 79)}}},
      renamed("GM_INSTR_CLASS", "gm"),
      renamed("GM_INSTR_CLASS_PLUS", "gm_plus"),
      renamed("GM_INSTR_EXT_CLASS", "gm_ext_plus", kSingingProgram),
      renamed("GM_INSTR_EXT_CLASS_PLUS", "gm_ext_plus"),
      renamed("GM_INSTR_FULL", "gm_full"),
      renamed("MT3_FULL", "mt3_full"),
      renamed("MT3_FULL_PLUS", "mt3_full_plus")};
  return sets;
}

}  // namespace

std::span<const std::string_view> class_set_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const ProgramVocabulary& set : all_sets()) list.push_back(set.name());
    return list;
  }();
  return names;
}

const ProgramVocabulary& class_set(std::string_view name) {
  for (const ProgramVocabulary& set : all_sets()) {
    if (set.name() == name) return set;
  }
  fail(ErrorCode::kNotFound, "no evaluation class set '{}', expected one of: {}", name,
       fmt::join(class_set_names(), ", "));
}

}  // namespace yourmt3
