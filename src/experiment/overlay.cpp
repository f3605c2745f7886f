#include "experiment/overlay.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "model/model_config.h"

namespace yourmt3 {
namespace {

bool is_named_list(const nlohmann::json& value) {
  return value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const nlohmann::json& entry) {
           return entry.is_object() && entry.contains("name");
         });
}

void overlay_list(nlohmann::json& target, const nlohmann::json& patch) {
  for (const nlohmann::json& entry : patch) {
    const auto same = std::find_if(target.begin(), target.end(),
                                   [&](const nlohmann::json& other) { return other.at("name") == entry.at("name"); });
    if (same == target.end()) {
      target.push_back(entry);
    } else {
      overlay(*same, entry);
    }
  }
}

}  // namespace

void overlay(nlohmann::json& target, const nlohmann::json& patch) {
  if (!target.is_object() || !patch.is_object()) {
    target = patch;
    return;
  }
  for (const auto& [key, value] : patch.items()) {
    const auto found = target.find(key);
    if (found == target.end()) {
      target[key] = value;
    } else if (key == "model" && found->is_string() && value.is_object()) {
      nlohmann::json settings = published_config(found->get<std::string>());
      overlay(settings, value);
      *found = std::move(settings);
    } else if (is_named_list(*found) && is_named_list(value)) {
      overlay_list(*found, value);
    } else {
      overlay(*found, value);
    }
  }
}

}  // namespace yourmt3
