#include "cli/score_metrics.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/csv_field.h"

namespace yourmt3::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(std::span<const MetricValue> values) {
  Json json = Json::object();
  for (const MetricValue& value : values) {
    (value.track.empty() ? json : json[value.track])[value.name] = value.value;
  }
  return json;
}

std::string number(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4f}", value);
}

// The heading of a column and the metric in it.
constexpr std::pair<const char*, const char*> kColumns[] = {{"P", "Precision"},
                                                            {"R", "Recall"},
                                                            {"F", "F-measure"},
                                                            {"overlap", "Average_Overlap_Ratio"},
                                                            {"P", "Precision_no_offset"},
                                                            {"R", "Recall_no_offset"},
                                                            {"F", "F-measure_no_offset"},
                                                            {"overlap", "Average_Overlap_Ratio_no_offset"},
                                                            {"onset F", "Onset_F-measure"},
                                                            {"offs. F", "Offset_F-measure"},
                                                            {"P", "Multipitch Precision"},
                                                            {"R", "Multipitch Recall"},
                                                            {"acc.", "Multipitch Accuracy"},
                                                            {"chroma", "Multipitch Chroma Accuracy"}};

std::string track_table(std::span<const MetricValue> values) {
  std::string text = fmt::format("{:<24} {:<31} {:<31} {:<15} {}\n{:<24}", "", "onset, offset, pitch", "onset, pitch",
                                 "times alone", "multipitch", "");
  const auto out = std::back_inserter(text);
  for (const auto& [heading, metric] : kColumns) fmt::format_to(out, " {:>7}", heading);
  std::vector<std::string> tracks;
  std::map<std::pair<std::string, std::string>, double> value_of;
  for (const MetricValue& value : values) {
    if (std::find(tracks.begin(), tracks.end(), value.track) == tracks.end()) tracks.push_back(value.track);
    value_of[{value.track, value.name}] = value.value;
  }
  for (const std::string& track : tracks) {
    fmt::format_to(out, "\n{:<24}", track);
    for (const auto& [heading, metric] : kColumns) fmt::format_to(out, " {:>7}", number(value_of[{track, metric}]));
  }
  return text + "\n";
}

}  // namespace

std::vector<MetricValue> metric_values(const TrackMetrics& metrics) {
  std::vector<MetricValue> values;
  for (const auto* group : {&metrics.non_drum, &metrics.drum, &metrics.instrument}) {
    for (const auto& [name, score] : *group) values.push_back({"", name, score.value});
  }
  return values;
}

std::vector<MetricValue> metric_values(const std::map<std::string, double>& means) {
  std::vector<MetricValue> values;
  for (const auto& [name, value] : means) values.push_back({"", name, value});
  return values;
}

std::vector<MetricValue> metric_values(std::span<const TrackScores> tracks) {
  std::vector<MetricValue> values;
  const Json json = Json::parse(to_json(tracks));
  for (const auto& [track, item] : json.items()) {
    for (const auto& [name, value] : item.at("transcription").items()) values.push_back({track, name, value});
    for (const auto& [name, value] : item.at("multipitch").items()) {
      values.push_back({track, "Multipitch " + name, value});
    }
  }
  return values;
}

std::vector<MetricValue> mean_values(std::span<const MetricList> lists) {
  struct Mean {
    double sum = 0;
    int n = 0;
  };
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, Mean> means;
  for (const MetricList& list : lists) {
    for (const MetricValue& value : list.values) {
      const std::pair key{value.track, value.name};
      const auto [it, added] = means.try_emplace(key);
      if (added) order.push_back(key);
      if (std::isnan(value.value)) continue;
      it->second.sum += value.value;
      ++it->second.n;
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first != "all", a.first) < std::pair(b.first != "all", b.first);
  });
  std::vector<MetricValue> values;
  for (const auto& key : order) {
    const Mean& mean = means[key];
    values.push_back(
        {key.first, key.second, mean.n == 0 ? std::numeric_limits<double>::quiet_NaN() : mean.sum / mean.n});
  }
  return values;
}

std::string metrics_text(std::span<const MetricValue> values) {
  if (!values.empty() && !values.front().track.empty()) return track_table(values);
  std::string text;
  for (const MetricValue& value : values) text += fmt::format("{:<40} {:>8}\n", value.name, number(value.value));
  return text;
}

std::string metrics_json(std::span<const MetricList> lists, const std::vector<MetricValue>* mean) {
  Json json;
  if (mean == nullptr) {
    json = json_of(lists.front().values);
  } else {
    json["files"] = Json::object();
    for (const MetricList& list : lists) json["files"][list.name] = json_of(list.values);
    json["mean"] = json_of(*mean);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string metrics_csv(std::span<const MetricList> lists, const std::vector<MetricValue>* mean) {
  std::string text = "row,name,track,metric,value\n";
  const auto write = [&](const char* row, const std::string& name, const std::vector<MetricValue>& values) {
    for (const MetricValue& value : values) {
      text += fmt::format("{},{},{},{},{}\n", row, csv_field(name), csv_field(value.track), csv_field(value.name),
                          std::isnan(value.value) ? "" : fmt::format("{}", value.value));
    }
  };
  for (const MetricList& list : lists) write("file", list.name, list.values);
  if (mean != nullptr) write("mean", "", *mean);
  return text;
}

}  // namespace yourmt3::cli
