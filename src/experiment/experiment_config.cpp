#include "experiment/experiment_config.h"

#include <algorithm>
#include <regex>
#include <set>

#include "core/fail.h"
#include "experiment/overlay.h"
#include "settings/json_fields.h"
#include "settings/toml_json.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

/// Names become folders and files.
void check_name(const char* what, const std::string& name) {
  static const std::regex pattern("[A-Za-z0-9][A-Za-z0-9._-]*");
  if (!std::regex_match(name, pattern)) {
    fail(ErrorCode::kInvalidArgument, "{} is called '{}', expected letters, digits, '-', '_' and '.'", what, name);
  }
}

template <class Entry>
void check_names(const char* what, const std::vector<Entry>& entries) {
  std::set<std::string> seen;
  for (const Entry& entry : entries) {
    check_name(what, entry.name);
    if (!seen.insert(entry.name).second) {
      fail(ErrorCode::kInvalidArgument, "{} '{}' is there twice", what, entry.name);
    }
  }
}

std::vector<json> tables(JsonFields& fields, const char* name) {
  const json* list = fields.find(name);
  if (list == nullptr) return {};
  if (!list->is_array()) fail(ErrorCode::kMalformed, "'{0}' is no list of tables ([[{0}]])", name);
  return {list->begin(), list->end()};
}

ExperimentData parse_data(const json& entry) {
  ExperimentData data;
  JsonFields fields(entry, "data");
  fields.read("name", data.name);
  fields.read("stores", data.stores);
  if (const json* compose = fields.find("compose")) data.compose = parse_compose(*compose);
  fields.read("weight", data.weight);
  data.splits = fields.read_names("split").value_or(std::vector<std::string>{});
  fields.read("train", data.train);
  fields.read("evaluate", data.evaluate);
  fields.read("evaluate_split", data.evaluate_split);
  fields.finish();
  if (data.stores.empty() == !data.compose) {
    fail(ErrorCode::kInvalidArgument, "the data '{}' needs either 'stores', folders of prepared data, or 'compose'",
         data.name);
  }
  return data;
}

ExperimentVariant parse_variant(const json& entry) {
  ExperimentVariant variant;
  JsonFields fields(entry, "variant");
  std::string model;
  fields.read("name", variant.name);
  fields.read("says", variant.says);
  fields.read("model", model);
  variant.model = model;
  fields.read("data", variant.data);
  fields.read("seeds", variant.seeds);
  fields.read("at", variant.at);
  variant.set = json::object();
  if (const json* set = fields.find("set")) variant.set = *set;
  fields.finish();
  return variant;
}

EffectSweep parse_effect(const json& entry) {
  EffectSweep sweep;
  std::string name;
  JsonFields fields(entry, "evaluate.effect");
  fields.read("name", name);
  fields.read("levels", sweep.levels);
  fields.finish();
  sweep.effect = effect_from_name(name);
  check(sweep);
  return sweep;
}

ExperimentEvaluation parse_evaluation(const json& table) {
  ExperimentEvaluation evaluation;
  JsonFields fields(table, "evaluate");
  fields.read("tracks", evaluation.tracks);
  fields.read("seconds", evaluation.seconds);
  fields.read("by_instrument", evaluation.by_instrument);
  fields.read("experts", evaluation.experts);
  for (const json& entry : tables(fields, "effect")) evaluation.effects.push_back(parse_effect(entry));
  fields.finish();
  require("evaluate.tracks", evaluation.tracks, 1, 1 << 20);
  require("evaluate.seconds", evaluation.seconds, 1.0, 1e6);
  return evaluation;
}

ExperimentReport parse_report(const json& table) {
  ExperimentReport report;
  JsonFields fields(table, "report");
  fields.read("scores", report.scores);
  fields.read("can_conclude", report.can_conclude);
  fields.read("cannot_conclude", report.cannot_conclude);
  fields.finish();
  if (report.scores.empty()) fail(ErrorCode::kInvalidArgument, "'report.scores' names no score");
  return report;
}

/// `base` is a table of settings, to which `file` gives what they are laid over.
void read_base(json& document, const std::filesystem::path& folder) {
  json& base = document["base"];
  if (base.is_null()) base = json::object();
  if (!base.is_object()) fail(ErrorCode::kMalformed, "'base' is {}, expected a table", base.type_name());
  const auto file = base.find("file");
  if (file == base.end()) return;
  if (!file->is_string()) fail(ErrorCode::kMalformed, "'base.file' is {}, expected a path", file->dump());
  json whole = read_toml(folder / file->get<std::string>());
  base.erase("file");
  overlay(whole, base);
  base = std::move(whole);
}

/// Whatever can be known to fail later fails now.
void check_experiment(const Experiment& experiment) {
  check_names("data", experiment.data);
  check_names("variant", experiment.variants);
  if (experiment.variants.empty()) fail(ErrorCode::kInvalidArgument, "there is no [[variant]] to examine");
  if (experiment.seeds.empty()) fail(ErrorCode::kInvalidArgument, "'seeds' is empty");
  if (std::none_of(experiment.data.begin(), experiment.data.end(), [](const auto& data) { return data.evaluate; })) {
    fail(ErrorCode::kInvalidArgument, "no [[data]] is there to evaluate with");
  }
  for (const ExperimentVariant& variant : experiment.variants) {
    for (const std::string& name : variant.data) {
      if (std::none_of(experiment.data.begin(), experiment.data.end(),
                       [&](const auto& data) { return data.name == name; })) {
        fail(ErrorCode::kInvalidArgument, "the variant '{}' learns from '{}', but there is no such [[data]]",
             variant.name, name);
      }
    }
    if (!variant.model.empty()) {
      if (!variant.set.empty() || !variant.data.empty()) {
        fail(ErrorCode::kInvalidArgument,
             "the variant '{}' has a 'model' and is not trained: 'set' and 'data' mean "
             "nothing to it",
             variant.name);
      }
      continue;
    }
    try {
      parse_train_config(variant_config(experiment, variant, 1, "data"));
    } catch (const Error& error) {
      fail(error.code(), "variant '{}': {}", variant.name, error.what());
    }
  }
}

}  // namespace

std::vector<std::uint64_t> seeds_of(const Experiment& experiment, const ExperimentVariant& variant) {
  if (!variant.model.empty()) return {0};
  return variant.seeds.empty() ? experiment.seeds : variant.seeds;
}

json variant_config(const Experiment& experiment, const ExperimentVariant& variant, std::uint64_t seed,
                    const std::filesystem::path& data_folder) {
  json config = experiment.base;
  overlay(config, variant.set);
  json& data = config["data"];
  data["set"] = json::array();
  for (const ExperimentData& one : experiment.data) {
    const bool named = std::find(variant.data.begin(), variant.data.end(), one.name) != variant.data.end();
    if (variant.data.empty() ? !one.train : !named) continue;
    std::vector<std::string> stores = one.stores;
    if (one.compose) stores = {(data_folder / one.name).string()};
    json set = {{"name", one.name}, {"stores", stores}, {"weight", one.weight}};
    if (!one.splits.empty()) set["split"] = one.splits;
    set["validation_split"] = one.evaluate ? nlohmann::json(one.evaluate_split) : nlohmann::json::array();
    data["set"].push_back(std::move(set));
  }
  data["seed"] = seed;
  config["run"]["seed"] = seed;
  return config;
}

Experiment parse_experiment(json document, const std::string& name, const std::filesystem::path& folder,
                            const std::string& scale, const std::vector<std::string>& settings) {
  if (!document.is_object()) fail(ErrorCode::kMalformed, "the experiment is no table");
  json patch = document.value(scale, json::object());
  if (!patch.is_object()) fail(ErrorCode::kMalformed, "'{}' is no table", scale);
  read_base(document, folder);
  read_base(patch, folder);
  document.erase("small");
  document.erase("full");
  overlay(document, patch);
  for (const std::string& setting : settings) apply_setting(document, setting);

  Experiment experiment;
  experiment.name = name;
  experiment.scale = scale;
  JsonFields fields(document, "experiment");
  fields.read("title", experiment.title);
  fields.read("question", experiment.question);
  fields.read("seeds", experiment.seeds);
  experiment.base = *fields.find("base");
  for (const json& entry : tables(fields, "data")) experiment.data.push_back(parse_data(entry));
  for (const json& entry : tables(fields, "variant")) experiment.variants.push_back(parse_variant(entry));
  for (ExperimentVariant& variant : experiment.variants) {
    if (!variant.model.empty()) variant.model = (folder / variant.model).lexically_normal();
  }
  if (const json* table = fields.find("evaluate")) experiment.evaluation = parse_evaluation(*table);
  if (const json* table = fields.find("report")) experiment.report = parse_report(*table);
  fields.finish();
  experiment.document = std::move(document);
  check_experiment(experiment);
  return experiment;
}

std::string config_hash(json document) {
  for (const char* words : {"title", "question", "report"}) document.erase(words);
  // FNV-1a, 64 bits: it shall notice changes, not withstand attackers.
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : document.dump()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return fmt::format("{:016x}", hash);
}

}  // namespace yourmt3
