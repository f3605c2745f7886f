#include "experiment/results.h"

#include <algorithm>
#include <limits>

namespace yourmt3 {

using nlohmann::json;

json to_json(const RunResult& result) {
  return {{"variant", result.variant}, {"seed", result.seed},       {"training", result.training},
          {"mixing", result.mixing},   {"metrics", result.metrics}, {"outcomes", to_json(result.outcomes)},
          {"experts", result.experts}};
}

RunResult result_of(const json& document) {
  RunResult result;
  result.variant = document.at("variant");
  result.seed = document.at("seed");
  result.training = document.at("training");
  result.mixing = document.at("mixing");
  result.metrics = document.at("metrics").get<std::vector<json>>();
  result.outcomes = outcomes_of(document.at("outcomes"));
  result.experts = document.at("experts");
  return result;
}

std::vector<const RunResult*> Results::of(const std::string& variant) const {
  std::vector<const RunResult*> found;
  for (const RunResult& run : runs_) {
    if (run.variant == variant) found.push_back(&run);
  }
  return found;
}

std::vector<const SetOutcome*> Results::outcomes(const ScorePlace& place) const {
  std::vector<const SetOutcome*> found;
  for (const RunResult* run : of(place.variant)) {
    for (const SetOutcome& outcome : run->outcomes) {
      if (outcome.set == place.set && outcome.effect == place.effect && outcome.level == place.level) {
        found.push_back(&outcome);
      }
    }
  }
  return found;
}

std::vector<std::vector<double>> Results::tracks(const ScorePlace& place, const std::string& score) const {
  std::vector<std::vector<double>> values;
  for (const SetOutcome* outcome : outcomes(place)) {
    std::vector<double>& row = values.emplace_back();
    for (const TrackOutcome& track : outcome->tracks) {
      const auto found = track.scores.find(score);
      row.push_back(found == track.scores.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
    }
  }
  return values;
}

Spread Results::spread(const ScorePlace& place, const std::string& score) const {
  std::vector<double> means;
  for (const auto& row : tracks(place, score)) means.push_back(spread_of(row).mean);
  return spread_of(means);
}

std::map<std::string, ScoreLine> Results::instruments(const ScorePlace& place) const {
  std::map<std::string, ScoreLine> sums;
  for (const SetOutcome* outcome : outcomes(place)) {
    for (const TrackOutcome& track : outcome->tracks) {
      for (const auto& [name, line] : track.instruments) {
        ScoreLine& sum = sums[name];
        sum.n_reference += line.n_reference;
        sum.n_estimate += line.n_estimate;
        sum.n_matched += line.n_matched;
      }
    }
  }
  return sums;
}

NoteErrors Results::errors(const ScorePlace& place) const {
  NoteErrors sum;
  for (const SetOutcome* outcome : outcomes(place)) {
    for (const TrackOutcome& track : outcome->tracks) sum += track.errors;
  }
  return sum;
}

std::map<std::string, NoteErrors> Results::errors_by_class(const ScorePlace& place) const {
  std::map<std::string, NoteErrors> sums;
  for (const SetOutcome* outcome : outcomes(place)) {
    for (const TrackOutcome& track : outcome->tracks) {
      for (const auto& [name, errors] : track.errors_by_class) sums[name] += errors;
    }
  }
  return sums;
}

std::vector<std::string> Results::sets() const {
  std::vector<std::string> names;
  for (const RunResult& run : runs_) {
    for (const SetOutcome& outcome : run.outcomes) {
      if (std::find(names.begin(), names.end(), outcome.set) == names.end()) names.push_back(outcome.set);
    }
  }
  return names;
}

}  // namespace yourmt3
