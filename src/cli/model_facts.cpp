#include "cli/model_facts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/mapped_file.h"
#include "evaluate/report.h"
#include "evaluate/transcription_cache.h"
#include "model/describe.h"

namespace yourmt3::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What `read` makes of a JSON file.
template <class Read>
std::string read_json(const std::filesystem::path& path, const char* expected, const Read& read) {
  const MappedFile file(path);
  try {
    return read(Json::parse(reinterpret_cast<const char*>(file.bytes().data()),
                            reinterpret_cast<const char*>(file.bytes().data()) + file.bytes().size()))
        .dump();
  } catch (const Json::exception& error) {
    fail(ErrorCode::kMalformed, "{}: {}; expected {}", path.string(), error.what(), expected);
  }
}

/// A metadata text that tools wrote, as JSON; null for one that is none, as files from anywhere may have it.
Json metadata_json(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? Json() : Json::parse(found->second, nullptr, false);
}

std::string text_or_empty(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

std::vector<ModelFacts::Scores> scores_of(const Json& json) {
  std::vector<ModelFacts::Scores> scores;
  if (!json.is_object()) return scores;
  for (const auto& [set, means] : json.items()) {
    ModelFacts::Scores& entry = scores.emplace_back(ModelFacts::Scores{set, {}});
    for (const auto& [metric, heading] : kSummaryColumns) {
      const auto value = means.find(std::string(metric));
      if (value != means.end() && value->is_number()) entry.means[std::string(metric)] = value->get<double>();
    }
  }
  return scores;
}

std::optional<ModelFacts::Speed> speed_of(const Json& json) {
  if (!json.is_object() || !json.contains("times_real_time") || !json["times_real_time"].is_number()) return {};
  const auto text = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  return ModelFacts::Speed{json["times_real_time"].get<double>(), text("machine"), text("precision")};
}

}  // namespace

std::string scores_text(const std::filesystem::path& report, const std::filesystem::path& model) {
  const std::string hash = TranscriptionCache({}, model, Precision::kF32).model_hash();
  return read_json(report, "report.json of 'yourmt3 evaluate'", [&](const Json& json) {
    if (json.at("model_hash") != hash) {
      fail(ErrorCode::kInvalidArgument, "{}: of another model file than {}; evaluate that one", report.string(),
           model.string());
    }
    Json scores = Json::object();
    for (const Json& set : json.at("sets")) {
      Json& means = scores[set.at("name").get<std::string>()] = Json::object();
      for (const auto& [metric, heading] : kSummaryColumns) {
        const auto value = set.at("means").find(std::string(metric));
        if (value != set.at("means").end() && value->is_number()) means[std::string(metric)] = *value;
      }
    }
    return scores;
  });
}

std::string speed_text(const std::filesystem::path& bench) {
  return read_json(bench, "what 'yourmt3 bench --json' prints", [](const Json& json) {
    const Json& machine = json.at("machine");
    const int asked = json.at("threads").get<int>();
    const int threads = asked > 0 ? asked : machine.at("processors_available").get<int>();
    return Json{{"times_real_time", json.at("times_real_time").get<double>()},
                {"machine", fmt::format("{} thread{} of {}", threads, threads == 1 ? "" : "s",
                                        machine.at("processor").get<std::string>())},
                {"precision", json.at("precision").get<std::string>()}};
  });
}

ModelFacts model_facts(const std::filesystem::path& file) {
  const ModelDescription description = describe(load_model(file));
  const auto& metadata = description.metadata;
  return {.name = file.stem().string(),
          .file = file,
          .n_bytes = static_cast<std::int64_t>(std::filesystem::file_size(file)),
          .n_parameters = description.n_parameters,
          .task = description.task,
          .summary = text_or_empty(metadata, kSummaryKey),
          .licence = text_or_empty(metadata, "licence"),
          .scores = scores_of(metadata_json(metadata, kScoresKey)),
          .speed = speed_of(metadata_json(metadata, kSpeedKey))};
}

nlohmann::ordered_json to_json(const ModelFacts& facts) {
  Json json = {{"name", facts.name},       {"file", facts.file.string()},
               {"bytes", facts.n_bytes},   {"parameters", facts.n_parameters},
               {"task", facts.task},       {"summary", facts.summary},
               {"licence", facts.licence}, {"speed", Json()},
               {"scores", Json::object()}};
  if (facts.speed) {
    json["speed"] = {{"times_real_time", facts.speed->times_real_time},
                     {"machine", facts.speed->machine},
                     {"precision", facts.speed->precision}};
  }
  for (const ModelFacts::Scores& entry : facts.scores) json["scores"][entry.set] = entry.means;
  return json;
}

}  // namespace yourmt3::cli
