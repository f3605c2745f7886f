#pragma once

#include <array>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eval/note_analysis.h"
#include "evaluate/evaluate_set.h"

namespace yourmt3 {

/// What one model did with some sets.
struct EvaluationReport {
  std::string title;
  std::string model;       ///< File, for people.
  std::string model_hash;  ///< TranscriptionCache::model_hash().
  std::vector<SetResult> sets;
};

/// Columns of the paper's table: metric, heading.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSummaryColumns = {
    {{"onset_f", "Onset F1"},
     {"offset_f", "Onset-offset F1"},
     {"frame_f", "Frame F1"},
     {"multi_f", "Multi F1"},
     {"onset_f_drum", "Drum onset F1"}}};

/// Columns of the tables by instrument; an instrument's suffix completes the name of the metric. Macro: mean over the
/// files that have the instrument; micro: pooled over all notes.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kClassColumns = {
    {{"onset_f", "Onset F1, macro"},
     {"offset_f", "Onset-offset F1, macro"},
     {"micro_onset_f", "Onset F1, micro"},
     {"micro_offset_f", "Onset-offset F1, micro"}}};

/// A row of the tables by instrument.
struct ScoredClass {
  std::string heading;  ///< For people.
  std::string suffix;   ///< X in the names of metrics.
};

/// The classes for which there is a measured or a published score, drums last.
std::vector<ScoredClass> scored_classes(const SetResult& result);

/// The metric among the means of a set, or those of a published row; NaN where it is not.
double score_of(const std::map<std::string, double>& scores, const std::string& metric);

/// The metric of one track; NaN, and a weight of 0, where it has none.
WeightedScore weighted_score_of(const TrackMetrics& metrics, const std::string& metric);
double score_of(const TrackMetrics& metrics, const std::string& metric);

/// What is wrong with the estimates of a set, all tracks pooled; classes and drums as the set scores them.
NoteAnalysis analyse_set(const SetResult& result);

/// Whether a measured mean tells nothing: only some instruments are annotated, and whatever else was heard counts as
/// wrong in it (EvaluationSet::score_unannotated).
bool meaningless(const SetResult& result, std::string_view metric);

/// What has to be known to read the scores of a set, a sentence each: what was left out of it, and of what published
/// values may not be compared.
std::vector<std::string> remarks(const SetResult& result);

/// Everything that was measured, see docs/formats.md.
nlohmann::ordered_json report_json(const EvaluationReport& report);

/// A line for each set and one for each published row of it; a column for each metric. Values are parts of 1.
std::string report_csv(const EvaluationReport& report);

/// A line for each track.
std::string tracks_csv(const EvaluationReport& report);

/// The tables of the paper in Markdown, in percent, published values beside measured ones.
std::string report_markdown(const EvaluationReport& report);

}  // namespace yourmt3
