#include "settings/toml_json.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

// The header-only mode would compile the parser into every file that includes it.
#include <toml++/toml.h>

#include "core/fail.h"
#include "core/mapped_file.h"

namespace yourmt3 {
namespace {

// Parsers, and whatever copies or writes what they made, call themselves for each level.
constexpr int kMaxDepth = 64;
constexpr int kMaxKeyParts = 32;

/// Throws Error(kMalformed) for a key of more parts than the parser's limit on nested values would let through.
void check_keys(std::string_view text, const std::string& name) {
  int n_dots = 0, line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (c == '\n' || c == '=' || c == ',' || c == '[' || c == '{') n_dots = 0;
    if (c == '.' && ++n_dots >= kMaxKeyParts) {
      fail(ErrorCode::kMalformed, "{}:{}: more than {} points in a row of names", name, line, kMaxKeyParts - 1);
    }
  }
}

nlohmann::json convert(const toml::node& node, int depth = 0) {
  if (depth > kMaxDepth) {
    throw toml::parse_error("nested too deeply", node.source());
  }
  if (const toml::table* table = node.as_table()) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = convert(value, depth + 1);
    return object;
  }
  if (const toml::array* array = node.as_array()) {
    nlohmann::json list = nlohmann::json::array();
    for (const toml::node& value : *array) list.push_back(convert(value, depth + 1));
    return list;
  }
  if (const auto value = node.value_exact<bool>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return *value;
  if (const auto value = node.value_exact<double>()) return *value;
  if (const auto value = node.value_exact<std::string>()) return *value;
  std::ostringstream text;
  node.visit([&text](const auto& value) { text << value; });
  return text.str();
}

}  // namespace

nlohmann::json parse_toml(std::string_view text, const std::string& name) {
  check_keys(text, name);
  try {
    return convert(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    fail(ErrorCode::kMalformed, "{}:{}:{}: {}", name, error.source().begin.line, error.source().begin.column,
         error.description());
  }
}

nlohmann::json read_toml(const std::filesystem::path& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  return parse_toml({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

void apply_setting(nlohmann::json& document, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail(ErrorCode::kInvalidArgument, "'{}' is no setting; expected KEY=VALUE, such as schedule.lr=1e-3", setting);
  }
  nlohmann::json* place = &document;
  std::istringstream keys(setting.substr(0, equals));
  for (std::string key; std::getline(keys, key, '.');) {
    if (place->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error != std::errc() || end != key.data() + key.size() || index >= place->size()) {
        fail(ErrorCode::kInvalidArgument, "'{}': '{}' selects none of {} entries", setting, key, place->size());
      }
      place = &(*place)[index];
    } else if (place->is_object() || place->is_null()) {
      place = &(*place)[key];
    } else {
      fail(ErrorCode::kInvalidArgument, "'{}': there is nothing below a plain value at '{}'", setting, key);
    }
  }
  const std::string value = setting.substr(equals + 1);
  try {
    *place = parse_toml("value = " + value, "--set")["value"];
  } catch (const Error&) {
    *place = value;
  }
}

}  // namespace yourmt3
