#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>

namespace yourmt3 {

/// What `later` says goes into `document`: a table into the table of that name, field by field; any other value, lists
/// too, in the place of what was there.
void merge_settings(nlohmann::json& document, const nlohmann::json& later);

/// TOML files as one document, each merged into those before it. Throws Error as read_toml() does, and
/// Error(kMalformed) naming file and field where one has a table and another has none.
nlohmann::json read_merged_toml(std::span<const std::filesystem::path> files);

}  // namespace yourmt3
