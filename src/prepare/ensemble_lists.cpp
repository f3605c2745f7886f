#include "prepare/ensemble_lists.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/lower_case.h"
#include "data/store.h"
#include "prepare/store_index.h"
#include "score/program_groups.h"

namespace yourmt3 {
namespace {

constexpr std::string_view kSeen = "_seen", kUnseen = "_unseen";

const ProgramVocabulary& classes() {
  return program_vocabulary("gm_plus");
}

std::vector<std::string> class_names() {
  std::vector<std::string> names;
  for (const ProgramClass& one : classes().classes()) names.push_back(one.name);
  names.push_back(classes().instrument_name(kDrumProgram));
  return names;
}

std::string class_named(std::string_view name) {
  const auto names = class_names();
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& one) {
    return lower_case(one) == lower_case(std::string(name));
  });
  if (found != names.end()) return *found;
  fail(ErrorCode::kInvalidArgument, "no instrument is called '{}'; a pair is two of {}, such as Organ+Strings", name,
       fmt::join(names, ", "));
}

bool has_any(const TrackInfo& track, const std::vector<InstrumentPair>& pairs) {
  std::set<std::string> playing;
  for (const int program : track.annotated) playing.insert(classes().instrument_name(program));
  return std::any_of(pairs.begin(), pairs.end(), [&](const InstrumentPair& pair) {
    return playing.contains(pair.first) && playing.contains(pair.second);
  });
}

}  // namespace

InstrumentPair parse_instrument_pair(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) {
    fail(ErrorCode::kInvalidArgument, "'{}' is no pair of instruments such as Organ+Strings", text);
  }
  InstrumentPair pair{class_named(text.substr(0, plus)), class_named(text.substr(plus + 1))};
  if (pair.first == pair.second) fail(ErrorCode::kInvalidArgument, "'{}' is one instrument twice", text);
  return pair;
}

EnsembleLists write_ensemble_lists(const std::filesystem::path& folder, const std::vector<InstrumentPair>& pairs) {
  std::vector<TrackInfo> tracks = read_store_index(folder);
  std::map<std::string, std::size_t> sizes;
  std::size_t unseen = 0;
  std::string index;
  for (TrackInfo& track : tracks) {
    const bool held_out = has_any(track, pairs);
    unseen += held_out ? 1 : 0;
    std::erase_if(track.lists,
                  [](const std::string& list) { return list.ends_with(kSeen) || list.ends_with(kUnseen); });
    track.lists.push_back(track.split + std::string(held_out ? kUnseen : kSeen));
    ++sizes[track.lists.back()];
    index += index_line(track) + "\n";
  }
  if (unseen == 0 || unseen == tracks.size()) {
    fail(ErrorCode::kInvalidArgument, "{}: {} of {} tracks have any of these pairs together; nothing was written",
         folder.string(), unseen == 0 ? "none" : "all", tracks.size());
  }
  write_file_atomically(folder / "index.jsonl", index);
  EnsembleLists written;
  for (const auto& [name, n] : sizes) written.lists.push_back({name, n});
  return written;
}

}  // namespace yourmt3
