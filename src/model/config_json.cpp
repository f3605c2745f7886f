#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/fail.h"
#include "model/config_fields.h"
#include "model/model_config.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

template <class T>
concept Struct = std::is_class_v<T> && !std::same_as<T, std::string> && !std::same_as<T, std::vector<float>>;

/// The shortest decimal that reads back as the same float, so that 0.1f is written as 0.1.
double shortest(float value) {
  return std::isfinite(value) ? std::stod(fmt::format("{}", value)) : value;
}

class Writer {
 public:
  template <class T>
  static json write(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return name_of(value);
    } else if constexpr (std::same_as<T, float>) {
      return shortest(value);
    } else if constexpr (std::same_as<T, std::vector<float>>) {
      json list = json::array();
      for (const float item : value) list.push_back(shortest(item));
      return list;
    } else if constexpr (Struct<T>) {
      json object = json::object();
      visit_fields(value, [&](const char* name, const auto& member) { object[name] = write(member); });
      return object;
    } else {
      return value;
    }
  }
};

class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  template <Struct S>
  void read(const json& source, S& value) const {
    if (!source.is_object()) wrong_type(source, "an object");
    std::set<std::string_view> known;
    visit_fields(value, [&](const char* name, auto& member) {
      known.insert(name);
      const auto found = source.find(name);
      if (found != source.end()) member_reader(name).read(*found, member);
    });
    for (const auto& [name, unused] : source.items()) {
      if (known.contains(name)) continue;
      fail(ErrorCode::kMalformed, "model configuration: unknown field '{}'; was it written by a newer version?",
           member_reader(name).path_);
    }
  }

  template <class E>
  requires std::is_enum_v<E>
  void read(const json& source, E& value) const {
    if (!source.is_string()) wrong_type(source, "a string");
    std::string choices;
    for (const auto& [known, name] : EnumNames<E>::kNames) {
      if (source.get_ref<const std::string&>() == name) {
        value = known;
        return;
      }
      choices += choices.empty() ? "" : ", ";
      choices += name;
    }
    fail(ErrorCode::kMalformed, "model configuration: '{}' is '{}', expected one of {}", path_,
         source.get_ref<const std::string&>(), choices);
  }

  void read(const json& source, bool& value) const {
    if (!source.is_boolean()) wrong_type(source, "true or false");
    value = source.get<bool>();
  }

  void read(const json& source, int& value) const {
    if (!source.is_number_integer()) wrong_type(source, "an integer");
    constexpr auto kMax = std::numeric_limits<int>::max();
    const bool fits = source.is_number_unsigned() ? source.get<std::uint64_t>() <= static_cast<std::uint64_t>(kMax)
                                                  : source.get<std::int64_t>() >= std::numeric_limits<int>::min();
    if (!fits) wrong_type(source, "an integer of 32 bits");
    value = source.get<int>();
  }

  void read(const json& source, float& value) const {
    if (!source.is_number()) wrong_type(source, "a number");
    const double number = source.get<double>();
    if (!(std::abs(number) <= std::numeric_limits<float>::max())) wrong_type(source, "a number that fits float32");
    value = static_cast<float>(number);
  }

  void read(const json& source, std::string& value) const {
    if (!source.is_string()) wrong_type(source, "a string");
    value = source.get<std::string>();
  }

  void read(const json& source, std::vector<float>& value) const {
    if (!source.is_array()) wrong_type(source, "a list of numbers");
    std::vector<float> items(source.size());
    for (std::size_t i = 0; i < items.size(); ++i) Reader(fmt::format("{}[{}]", path_, i)).read(source[i], items[i]);
    value = std::move(items);
  }

 private:
  Reader member_reader(std::string_view name) const {
    return Reader(path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name));
  }

  [[noreturn]] void wrong_type(const json& found, const char* expected) const {
    std::string text = found.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() > 40) text = text.substr(0, 40) + "...";
    fail(ErrorCode::kMalformed, "model configuration: '{}' is {}, expected {}", path_.empty() ? "(top)" : path_, text,
         expected);
  }

  std::string path_;
};

}  // namespace

void to_json(json& json, const ModelConfig& config) {
  json = Writer::write(config);
}

void from_json(const json& json, ModelConfig& config) {
  ModelConfig read;
  Reader("").read(json, read);
  config = std::move(read);
}

}  // namespace yourmt3
