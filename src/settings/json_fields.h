#pragma once

#include <concepts>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/json_int.h"

namespace yourmt3 {

/// Reads the fields of a JSON object into variables that already hold their defaults, and remembers which were asked
/// for, so that a misspelt field is an error and not a default.
class JsonFields {
 public:
  /// `path` begins the messages, such as "schedule". Throws Error(kMalformed) when `object` is no object.
  JsonFields(const nlohmann::json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object.is_object()) fail(ErrorCode::kMalformed, "'{}' is {}, expected a table", path_, object.type_name());
  }

  template <class T>
  void read(const char* name, T& value) {
    seen_.insert(name);
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    try {
      assign(*found, value);
    } catch (const std::exception&) {
      fail(ErrorCode::kMalformed, "'{}.{}' has the value {}, which is of the wrong type", path_, name, found->dump());
    }
  }

  /// A name or a list of names; none where the field is missing.
  std::optional<std::vector<std::string>> read_names(const char* name) {
    const nlohmann::json* field = find(name);
    if (field == nullptr) return std::nullopt;
    if (field->is_string()) return std::vector<std::string>{field->get<std::string>()};
    std::vector<std::string> names;
    read(name, names);
    return names;
  }

  /// The field, or null; for fields that are read by somebody else.
  const nlohmann::json* find(const char* name) {
    seen_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }

  /// Throws Error(kMalformed) naming a field that nobody asked for.
  void finish() const {
    for (const auto& [name, value] : object_.items()) {
      if (!seen_.contains(name)) fail(ErrorCode::kMalformed, "'{}' has no field '{}'", path_, name);
    }
  }

 private:
  template <class T>
  static void assign(const nlohmann::json& json, T& value) {
    if constexpr (std::integral<T> && !std::same_as<T, bool>) {
      value = whole_number<T>(json);
    } else {
      value = json.get<T>();
    }
  }

  template <std::integral T>
  requires(!std::same_as<T, bool>) static void assign(const nlohmann::json& json, std::vector<T>& values) {
    std::vector<T> read;
    for (const nlohmann::json& item : json.get_ref<const nlohmann::json::array_t&>()) assign(item, read.emplace_back());
    values = std::move(read);
  }

  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string> seen_;
};

/// Throws Error(kInvalidArgument) naming the field when a value is out of range, or no number.
template <class T>
void require(const char* field, T value, T low, T high) {
  if (!(value >= low && value <= high)) {
    fail(ErrorCode::kInvalidArgument, "'{}' is {}, expected {} to {}", field, value, low, high);
  }
}

/// Reads a field that holds one of some words; throws Error(kInvalidArgument) naming them for any other.
template <class Enum, std::size_t n>
void read_choice(JsonFields& fields, const char* name, Enum& value,
                 const std::pair<std::string_view, Enum> (&choices)[n]) {
  std::string text;
  fields.read(name, text);
  if (text.empty()) return;
  std::string known;
  for (const auto& [word, choice] : choices) {
    if (word == text) {
      value = choice;
      return;
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", word);
  }
  fail(ErrorCode::kInvalidArgument, "'{}' is '{}', expected one of {}", name, text, known);
}

}  // namespace yourmt3
