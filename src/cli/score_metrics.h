#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "eval/track_metrics.h"
#include "eval/transcription_scores.h"

namespace yourmt3::cli {

/// One metric of another program under the name it has there; NaN: there was nothing to score.
struct MetricValue {
  std::string track;  ///< An instrument or "all"; empty where the name says it.
  std::string name;
  double value = 0;
};

/// The metrics of one pair of files, or their means.
struct MetricList {
  std::string name;  ///< Of the pair.
  std::vector<MetricValue> values;
};

std::vector<MetricValue> metric_values(const TrackMetrics& metrics);
std::vector<MetricValue> metric_values(const std::map<std::string, double>& means);
std::vector<MetricValue> metric_values(std::span<const TrackScores> tracks);

/// Mean of each metric over the lists that have it, "all" first, then by track.
std::vector<MetricValue> mean_values(std::span<const MetricList> lists);

/// One line for each metric, or where values have tracks, one for each track with the chief ones.
std::string metrics_text(std::span<const MetricValue> values);

/// One object of metrics by name, in objects by track where there are tracks; null for NaN. With `mean` "files" by
/// name, and "mean".
std::string metrics_json(std::span<const MetricList> lists, const std::vector<MetricValue>* mean);

/// row,name,track,metric,value: row is "file" or "mean", the value of NaN is empty.
std::string metrics_csv(std::span<const MetricList> lists, const std::vector<MetricValue>* mean);

}  // namespace yourmt3::cli
