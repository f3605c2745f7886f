#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace yourmt3 {

/// A TOML document as JSON; dates become strings. Throws Error(kNotFound), or Error(kMalformed) with line and column.
nlohmann::json read_toml(const std::filesystem::path& path);
nlohmann::json parse_toml(std::string_view text, const std::string& name);

/// Sets "a.b.2.c=value"; numbers select from arrays. The value is read as TOML, and as a string when it is none. Throws
/// Error(kInvalidArgument) without "=" and for a place that cannot be.
void apply_setting(nlohmann::json& document, const std::string& setting);

}  // namespace yourmt3
