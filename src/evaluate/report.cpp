#include "evaluate/report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

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

std::vector<std::string> remarks(const SetResult& result) {
  const EvaluationSet& set = result.set.set();
  std::vector<std::string> texts;
  if (meaningless(result, "onset_f")) {
    texts.push_back(
        fmt::format("{}: † only some instruments are annotated, and whatever else was heard counts as wrong: these "
                    "columns tell nothing.",
                    set.name));
  } else if (!result.set.complete()) {
    texts.push_back(
        fmt::format("{}: only some instruments are annotated; what was heard of others is left out.", set.name));
  }
  if (set.max_seconds > 0)
    texts.push_back(fmt::format("{}: only the first {} s of each track.", set.name, set.max_seconds));
  if (set.limit_tracks > 0)
    texts.push_back(fmt::format("{}: at most the first {} tracks.", set.name, set.limit_tracks));
  const PublishedSet* published = published_results(set.name);
  if (published == nullptr) return texts;
  for (const PublishedNote& note : published->notes) {
    texts.push_back(fmt::format("{}, published{}: {}{}", set.name, note.system.empty() ? "" : " for " + note.system,
                                note.meaningless.empty() ? "" : "† ", note.text));
  }
  return texts;
}

bool meaningless(const SetResult& result, std::string_view metric) {
  if (!result.set.set().score_unannotated || result.set.complete()) return false;
  constexpr std::array<std::string_view, 5> kEverything = {"onset_f", "offset_f", "frame_f", "frame_f_pc", "multi_f"};
  return std::find(kEverything.begin(), kEverything.end(), metric) != kEverything.end();
}

}  // namespace yourmt3
