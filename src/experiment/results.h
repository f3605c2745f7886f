#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/held_out.h"
#include "experiment/statistics.h"

namespace yourmt3 {

/// Everything that is known of one variant under one seed.
struct RunResult {
  std::string variant;
  std::uint64_t seed = 0;
  nlohmann::json training;  ///< seconds, steps, segments, parameters, workers; null where nothing was trained.
  nlohmann::json mixing;    ///< What the training segments were made of; null as above.
  std::vector<nlohmann::json> metrics;  ///< Lines of metrics.jsonl.
  std::vector<SetOutcome> outcomes;
  nlohmann::json experts;  ///< As ExpertUse::json(), or null.
};

nlohmann::json to_json(const RunResult& result);
/// Throws nlohmann::json::exception for what to_json() did not write.
RunResult result_of(const nlohmann::json& json);

/// Where a score is looked for.
struct ScorePlace {
  std::string variant, set;
  std::string effect = {};  ///< Empty: the sound as it is.
  double level = 0;
};

/// The results of a whole experiment, in the order of variants and seeds.
class Results {
 public:
  explicit Results(std::vector<RunResult> runs) : runs_(std::move(runs)) {}

  const std::vector<RunResult>& runs() const { return runs_; }
  std::vector<const RunResult*> of(const std::string& variant) const;

  /// For each seed the score of each track, NaN where it is not defined.
  std::vector<std::vector<double>> tracks(const ScorePlace& place, const std::string& score) const;
  /// Mean and spread over the seeds of the mean over the tracks.
  Spread spread(const ScorePlace& place, const std::string& score) const;
  /// Of all tracks and seeds together; empty where nothing was evaluated.
  std::map<std::string, ScoreLine> instruments(const ScorePlace& place) const;
  NoteErrors errors(const ScorePlace& place) const;
  std::map<std::string, NoteErrors> errors_by_class(const ScorePlace& place) const;
  /// All sets that were evaluated, in their order.
  std::vector<std::string> sets() const;

 private:
  std::vector<const SetOutcome*> outcomes(const ScorePlace& place) const;

  std::vector<RunResult> runs_;
};

}  // namespace yourmt3
