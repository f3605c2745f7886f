#include "evaluate/report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "evaluate/published_results.h"

namespace yourmt3 {

double score_of(const std::map<std::string, double>& scores, const std::string& metric) {
  const auto found = scores.find(metric);
  return found == scores.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

WeightedScore weighted_score_of(const TrackMetrics& metrics, const std::string& metric) {
  for (const auto* group : {&metrics.drum, &metrics.non_drum, &metrics.instrument}) {
    const auto found = group->find(metric);
    if (found != group->end()) return found->second;
  }
  return {std::numeric_limits<double>::quiet_NaN(), 0};
}

double score_of(const TrackMetrics& metrics, const std::string& metric) {
  return weighted_score_of(metrics, metric).value;
}

NoteAnalysis analyse_set(const SetResult& result) {
  ScoreReportOptions options;
  options.classes = result.set.metrics().classes;
  options.drums = result.set.metrics().drums;
  NoteAnalysis pooled;
  for (const TrackResult& track : result.tracks) pooled += analyse_notes(track.reference, track.estimate, options);
  return pooled;
}

std::vector<ScoredClass> scored_classes(const SetResult& result) {
  std::vector<ScoredClass> rows;
  const PublishedSet* published = published_results(result.set.set().name);
  const auto add = [&](const std::string& heading, const std::string& suffix) {
    const std::string metric = "onset_f_" + suffix;
    bool there = !std::isnan(score_of(result.means, metric));
    if (published != nullptr) {
      for (const PublishedSystem& system : published->systems) there = there || system.values.contains(metric);
    }
    if (there) rows.push_back({heading, suffix});
  };
  if (const ProgramVocabulary* classes = result.set.metrics().classes) {
    for (const ProgramClass& one : classes->classes()) {
      add(one.name, one.name);
      add(one.name + ", octaves folded", one.name + "_pc");
    }
  }
  add("Drums", "drum");
  return rows;
}

bool meaningless(const SetResult& result, std::string_view metric) {
  if (!result.set.set().score_unannotated || result.set.complete()) return false;
  constexpr std::array<std::string_view, 5> kEverything = {"onset_f", "offset_f", "frame_f", "frame_f_pc", "multi_f"};
  return std::find(kEverything.begin(), kEverything.end(), metric) != kEverything.end();
}

}  // namespace yourmt3
