#include "settings/merge_settings.h"

#include <nlohmann/json.hpp>
#include <string>

#include "core/fail.h"
#include "settings/toml_json.h"

namespace yourmt3 {
namespace {

void merge_into(nlohmann::json& document, const nlohmann::json& later, const std::string& place) {
  for (const auto& [name, value] : later.items()) {
    nlohmann::json& target = document[name];
    const std::string inside = place.empty() ? name : place + "." + name;
    // "model" may be the name of a network or its table.
    const bool replaces_model = inside == "model" && (target.is_string() || value.is_string());
    if (!target.is_null() && target.is_object() != value.is_object() && !replaces_model) {
      const auto kind = [](const nlohmann::json& one) { return one.is_object() ? "a table" : "no table"; };
      fail(ErrorCode::kMalformed, "'{}' is {} here and {} in a file before it", inside, kind(value), kind(target));
    }
    if (target.is_object() && value.is_object()) {
      merge_into(target, value, inside);
    } else {
      target = value;
    }
  }
}

}  // namespace

void merge_settings(nlohmann::json& document, const nlohmann::json& later) {
  merge_into(document, later, "");
}

nlohmann::json read_merged_toml(std::span<const std::filesystem::path> files) {
  nlohmann::json document = nlohmann::json::object();
  for (const std::filesystem::path& file : files) {
    const nlohmann::json later = read_toml(file);
    try {
      merge_settings(document, later);
    } catch (const Error& error) {
      fail(error.code(), "{}: {}", file.string(), error.what());
    }
  }
  return document;
}

}  // namespace yourmt3
