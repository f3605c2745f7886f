#pragma once

#include <nlohmann/json.hpp>
#include <utility>

namespace yourmt3 {

/// JSON that is taken apart without asking for memory: the destructor of nlohmann::json asks for some, and ends the
/// program where there is none. For JSON of bounded depth, see shallow_json().
class EmptiedJson {
 public:
  explicit EmptiedJson(nlohmann::json value) noexcept : value_(std::move(value)) {}
  ~EmptiedJson() { empty(value_); }
  EmptiedJson(const EmptiedJson&) = delete;
  EmptiedJson& operator=(const EmptiedJson&) = delete;

  const nlohmann::json& operator*() const { return value_; }

 private:
  static void empty(nlohmann::json& value) {
    if (!value.is_structured()) return;
    for (nlohmann::json& child : value) empty(child);
    value.clear();
  }

  nlohmann::json value_;
};

}  // namespace yourmt3
