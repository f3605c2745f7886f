#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/progress.h"
#include "eval/score_report.h"
#include "experiment/experiment_config.h"
#include "experiment/note_errors.h"

namespace yourmt3 {

/// How well one held-out track was transcribed.
struct TrackOutcome {
  std::string id;
  std::map<std::string, double> scores;  ///< onset_f1, multi_onset_f1 ...: docs/evaluation.md; none where not defined.
  std::map<std::string, ScoreLine> instruments;  ///< Onsets by class, "Drums" among them.
  NoteErrors errors;
  std::map<std::string, NoteErrors> errors_by_class;
};

/// How well one data set was transcribed under one condition.
struct SetOutcome {
  std::string set;
  std::string effect;  ///< Empty: the sound as it is.
  double level = 0;
  std::vector<TrackOutcome> tracks;
};

/// Where the held-out tracks of a data set lie: in the stores that were prepared, or in the composed one.
std::vector<std::filesystem::path> stores_of(const ExperimentData& data, const std::filesystem::path& data_folder);

/// Transcribes the held-out tracks of every data set that is to be evaluated, as they are and under each effect.
/// `progress` is told tracks. Throws Error as Transcriber and Store do, and Error(kCancelled) when `stop` becomes true.
std::vector<SetOutcome> evaluate_model(const Experiment& experiment, const std::filesystem::path& model,
                                       const std::filesystem::path& data_folder, int n_threads,
                                       const std::atomic<bool>& stop, const ProgressCallback& progress = {});

nlohmann::json to_json(const std::vector<SetOutcome>& outcomes);
/// Throws nlohmann::json::exception for what to_json() did not write.
std::vector<SetOutcome> outcomes_of(const nlohmann::json& json);

}  // namespace yourmt3
