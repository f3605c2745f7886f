#include "prepare/manifest.h"

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/json_depth.h"
#include "prepare/text_table.h"

namespace yourmt3 {

using nlohmann::json;

std::string manifest_text(const Manifest& manifest) {
  json skipped = json::array();
  for (const auto& item : manifest.skipped) skipped.push_back({{"id", item.id}, {"reason", item.reason}});
  return json{{"format", "yourmt3-prepared"},
              {"version", 1},
              {"data_set", manifest.data_set},
              {"title", manifest.title},
              {"licence", manifest.licence},
              {"program_version", manifest.program_version},
              {"source", manifest.source},
              {"seed", manifest.options.seed},
              {"shifted_copies", manifest.options.shifted_copies},
              {"as_reference", manifest.options.as_reference},
              {"complete", manifest.complete},
              {"items", manifest.items},
              {"kept", manifest.kept},
              {"tracks", manifest.tracks},
              {"skipped", skipped},
              {"remarks", manifest.remarks}}
             .dump(2, ' ', false, json::error_handler_t::replace) +
         "\n";
}

Manifest parse_manifest(std::string_view text) {
  const auto parsed = json::parse(shallow_json(text));
  if (parsed.at("format") != "yourmt3-prepared" || parsed.at("version") != 1) {
    throw std::invalid_argument("not the description of a prepared data set, or one of a later version");
  }
  Manifest manifest;
  manifest.data_set = parsed.at("data_set").get<std::string>();
  manifest.title = parsed.at("title").get<std::string>();
  manifest.licence = parsed.at("licence").get<std::string>();
  manifest.program_version = parsed.at("program_version").get<std::string>();
  manifest.source = parsed.at("source").get<std::string>();
  manifest.options.seed = parsed.at("seed").get<std::uint64_t>();
  manifest.options.shifted_copies = parsed.at("shifted_copies").get<bool>();
  manifest.options.as_reference = parsed.at("as_reference").get<bool>();
  manifest.complete = parsed.at("complete").get<bool>();
  manifest.items = parsed.at("items").get<std::size_t>();
  manifest.kept = parsed.at("kept").get<std::size_t>();
  manifest.tracks = parsed.at("tracks").get<std::size_t>();
  for (const auto& item : parsed.at("skipped")) {
    manifest.skipped.push_back({item.at("id").get<std::string>(), item.at("reason").get<std::string>()});
  }
  manifest.remarks = parsed.at("remarks").get<std::vector<std::string>>();
  return manifest;
}

std::optional<Manifest> read_manifest(const std::filesystem::path& folder) {
  const auto path = folder / kManifestName;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  const std::string text = read_text_file(path);
  try {
    return parse_manifest(text);
  } catch (const std::exception& problem) {
    fail(ErrorCode::kMalformed, "{}: {}", path.string(), problem.what());
  }
}

}  // namespace yourmt3
