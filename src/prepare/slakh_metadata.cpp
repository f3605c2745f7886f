#include "prepare/slakh_metadata.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "core/fail.h"
#include "yourmt3/note.h"

namespace yourmt3 {
namespace {

/// The real ones have some 3 kB.
constexpr std::size_t kLargestText = std::size_t{1} << 20;

SlakhStem parse_stem(const std::string& id, const YAML::Node& node, std::string_view name) {
  SlakhStem stem;
  stem.id = id;
  stem.plugin = node["plugin_name"] ? node["plugin_name"].as<std::string>() : "";
  stem.has_audio = node["audio_rendered"] && node["audio_rendered"].as<bool>();
  stem.has_midi = node["midi_saved"] && node["midi_saved"].as<bool>();
  const bool is_drum = node["is_drum"] && node["is_drum"].as<bool>();
  if (!is_drum && !node["program_num"]) fail(ErrorCode::kMalformed, "{}: stem {} has no program_num", name, id);
  stem.program = is_drum ? kDrumProgram : node["program_num"].as<int>();
  if (stem.program < 0 || stem.program > kDrumProgram) {
    fail(ErrorCode::kMalformed, "{}: stem {} has program {}, expected 0-128", name, id, stem.program);
  }
  return stem;
}

}  // namespace

bool SlakhStem::is_drum() const {
  return program == kDrumProgram;
}

std::vector<SlakhStem> parse_slakh_metadata(std::string_view text, std::string_view name) {
  if (text.size() > kLargestText) {
    fail(ErrorCode::kMalformed, "{}: {} bytes, more than {} are not expected in such a file", name, text.size(),
         kLargestText);
  }
  std::vector<SlakhStem> stems;
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (!root.IsMap() || !root["stems"] || !root["stems"].IsMap()) {
      fail(ErrorCode::kMalformed, "{}: no list of stems in it", name);
    }
    for (const auto& entry : root["stems"]) {
      const auto id = entry.first.as<std::string>();
      if (!entry.second.IsMap()) fail(ErrorCode::kMalformed, "{}: stem {} is not described", name, id);
      // It becomes part of a path.
      if (id.empty() || id.find_first_of("/\\.") != std::string::npos) {
        fail(ErrorCode::kMalformed, "{}: '{}' is no name of a stem", name, id);
      }
      stems.push_back(parse_stem(id, entry.second, name));
    }
  } catch (const YAML::Exception& error) {
    fail(ErrorCode::kMalformed, "{}: {}", name, error.what());
  }
  std::sort(stems.begin(), stems.end(), [](const SlakhStem& a, const SlakhStem& b) { return a.id < b.id; });
  for (std::size_t i = 1; i < stems.size(); ++i) {
    if (stems[i].id == stems[i - 1].id) fail(ErrorCode::kMalformed, "{}: two stems {}", name, stems[i].id);
  }
  return stems;
}

}  // namespace yourmt3
