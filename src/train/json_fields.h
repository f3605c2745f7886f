#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/fail.h"

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
      value = found->get<T>();
    } catch (const nlohmann::json::exception&) {
      fail(ErrorCode::kMalformed, "'{}.{}' has the value {}, which is of the wrong type", path_, name, found->dump());
    }
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
  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string> seen_;
};

}  // namespace yourmt3
