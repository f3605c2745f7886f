#include "evaluate/evaluation_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "settings/json_fields.h"
#include "settings/toml_json.h"

namespace yourmt3 {
namespace {

EvaluationSet read_set(const nlohmann::json& table, std::size_t number, const std::filesystem::path& root) {
  const std::string place = fmt::format("set.{}", number);
  EvaluationSet set;
  std::string store;
  JsonFields fields(table, place);
  fields.read("name", set.name);
  fields.read("store", store);
  fields.read("split", set.split);
  fields.read("classes", set.classes);
  fields.read("drums", set.drums);
  fields.read("pitch_class_for", set.pitch_class_for);
  fields.read("melody_for", set.melody_for);
  fields.read("score_unannotated", set.score_unannotated);
  fields.read("limit_tracks", set.limit_tracks);
  fields.read("max_seconds", set.max_seconds);
  fields.finish();
  if (set.name.empty()) fail(ErrorCode::kMalformed, "'{}' has no name", place);
  if (store.empty()) fail(ErrorCode::kMalformed, "'{}' ({}) has no store", place, set.name);
  if (!(set.max_seconds >= 0)) {
    fail(ErrorCode::kInvalidArgument, "'{}.max_seconds' is {}, expected 0 or more", place, set.max_seconds);
  }
  set.store = (root / store).lexically_normal();
  return set;
}

}  // namespace

EvaluationList read_evaluation_list(const std::filesystem::path& path, const std::filesystem::path& root) {
  const nlohmann::json document = read_toml(path);
  try {
    EvaluationList list;
    JsonFields fields(document, "file");
    fields.read("title", list.title);
    const nlohmann::json* sets = fields.find("set");
    fields.finish();
    if (sets == nullptr || !sets->is_array() || sets->empty()) fail(ErrorCode::kMalformed, "has no [[set]]");
    for (std::size_t i = 0; i < sets->size(); ++i) {
      EvaluationSet set = read_set((*sets)[i], i, root);
      const auto same = [&set](const EvaluationSet& other) { return other.name == set.name; };
      if (std::any_of(list.sets.begin(), list.sets.end(), same)) {
        fail(ErrorCode::kMalformed, "two sets have the name '{}'", set.name);
      }
      list.sets.push_back(std::move(set));
    }
    return list;
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", path.string(), error.what());
  }
}

}  // namespace yourmt3
