#include "prepare/store_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/fail.h"
#include "data/store.h"
#include "prepare/store_index.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// More would hide the rest on a screen; all are in the manifest.
constexpr std::size_t kShownReasons = 10;

void count_notes(StoreSummary& summary, const fs::path& folder, const TrackInfo& track) {
  const fs::path path = folder / track.notes_file;
  const std::string text = read_text_file(path);
  try {
    for (const auto& notes : parse_stem_notes(text, track.stems)) {
      summary.notes += notes.size();
      for (const Note& note : notes) ++summary.notes_of_program[note.program];
    }
  } catch (const std::exception& error) {
    fail(ErrorCode::kMalformed, "{}: {}", path.string(), error.what());
  }
}

json groups_json(const std::map<std::string, StoreSummary::Group>& groups) {
  json result = json::object();
  for (const auto& [name, group] : groups) result[name] = {{"tracks", group.tracks}, {"seconds", group.seconds}};
  return result;
}

std::string program_name(int program) {
  switch (program) {
    case kDrumProgram:
      return "drums";
    case kSingingProgram:
      return "singing";
    case kChorusProgram:
      return "chorus";
    case kUnannotatedProgram:
      return "not annotated";
    default:
      return fmt::format("program {}", program);
  }
}

std::string group_lines(std::string_view heading, const std::map<std::string, StoreSummary::Group>& groups) {
  std::string text;
  for (const auto& [name, group] : groups) {
    text += fmt::format("{:<10} {:<28} {:>7} tracks {:>9.2f} h\n", text.empty() ? heading : "", name, group.tracks,
                        group.seconds / 3600);
  }
  return text;
}

template <class Item, class ToText>
std::string first_of(std::string_view heading, const std::vector<Item>& items, const ToText& to_text) {
  if (items.empty()) return {};
  std::string text = fmt::format("\n{} {}:\n", heading, items.size());
  for (std::size_t i = 0; i < std::min(items.size(), kShownReasons); ++i) text += "  " + to_text(items[i]) + "\n";
  if (items.size() > kShownReasons) {
    text += fmt::format("  and {} more, see {}\n", items.size() - kShownReasons, kManifestName);
  }
  return text;
}

}  // namespace

StoreSummary summarize_store(const fs::path& folder) {
  StoreSummary summary;
  summary.manifest = read_manifest(folder);
  std::set<std::string> licences;
  std::set<std::string> recordings;  // By the file of the recording, or else of its first stem.
  for (const TrackInfo& track : read_store_index(folder)) {
    const auto add = [&](StoreSummary::Group& group) {
      ++group.tracks;
      group.seconds += track.seconds;
    };
    add(summary.splits[track.split]);
    for (const std::string& list : track.lists) add(summary.lists[list]);
    ++summary.tracks;
    const std::string file = !track.mix_file.empty() ? track.mix_file : track.stems.empty() ? "" : track.stems[0].file;
    if (recordings.insert(file).second) summary.seconds += track.seconds;
    licences.insert(track.licence);
    count_notes(summary, folder, track);
  }
  summary.licences.assign(licences.begin(), licences.end());
  return summary;
}

std::string summary_json(const StoreSummary& summary) {
  json programs = json::object();
  for (const auto& [program, count] : summary.notes_of_program) programs[std::to_string(program)] = count;
  json result = {
      {"tracks", summary.tracks},           {"seconds", summary.seconds},   {"notes", summary.notes},
      {"notes_of_program", programs},       {"licences", summary.licences}, {"splits", groups_json(summary.splits)},
      {"lists", groups_json(summary.lists)}};
  if (summary.manifest) {
    const Manifest& manifest = *summary.manifest;
    json skipped = json::array();
    for (const auto& item : manifest.skipped) skipped.push_back({{"id", item.id}, {"reason", item.reason}});
    result.update({{"data_set", manifest.data_set},
                   {"title", manifest.title},
                   {"items", manifest.items},
                   {"kept", manifest.kept},
                   {"skipped", skipped},
                   {"remarks", manifest.remarks}});
  }
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string summary_text(const StoreSummary& summary) {
  std::string text;
  if (summary.manifest) text += fmt::format("{:<10} {}\n", "data set", summary.manifest->title);
  text += fmt::format("{:<10} {}\n", "licence", fmt::join(summary.licences, "; "));
  text += fmt::format("{:<10} {}, {:.2f} h of sound, {} notes\n", "tracks", summary.tracks, summary.seconds / 3600,
                      summary.notes);
  text += group_lines("splits", summary.splits);
  text += group_lines("lists", summary.lists);
  std::string programs;
  for (const auto& [program, count] : summary.notes_of_program) {
    programs += fmt::format("{}{} {}", programs.empty() ? "" : ", ", program_name(program), count);
  }
  text += fmt::format("{:<10} {}\n", "notes", programs);
  if (summary.manifest) {
    text += first_of("skipped", summary.manifest->skipped,
                     [](const Manifest::Skipped& item) { return item.id + ": " + item.reason; });
    text += first_of("remarks", summary.manifest->remarks, [](const std::string& remark) { return remark; });
  }
  return text;
}

}  // namespace yourmt3
