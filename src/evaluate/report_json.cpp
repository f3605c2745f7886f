#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluate/mean_intervals.h"
#include "evaluate/published_results.h"
#include "evaluate/report.h"
#include "evaluate/worst_tracks.h"

namespace yourmt3 {
namespace {

using Json = nlohmann::ordered_json;  // Writes NaN as null.

Json metrics_json(const TrackMetrics& metrics) {
  Json json = Json::object();
  for (const auto* group : {&metrics.non_drum, &metrics.drum, &metrics.instrument}) {
    for (const auto& [name, score] : *group) {
      // For pooling over files only; the pooled F is among the means.
      if (!name.starts_with("micro_")) json[name] = score.value;
    }
  }
  return json;
}

Json track_json(const TrackResult& track) {
  const TrackInfo& info = track.item.track->info;
  Json json = {{"id", info.id},
               {"source", info.source},
               {"seconds", track.item.seconds()},
               {"complete", track.item.complete},
               {"reference_notes", track.reference.size()},
               {"estimate_notes", track.estimate.size()},
               {"transcription_seconds", track.transcription.seconds},
               {"decode_errors", track.transcription.heard.decode_errors}};
  if (!track.kept_as.empty()) json["transcription"] = track.kept_as;
  json["metrics"] = metrics_json(track.metrics);
  return json;
}

Json published_json(const PublishedSet& published) {
  Json systems = Json::array(), notes = Json::array();
  for (const PublishedSystem& system : published.systems) {
    systems.push_back({{"name", system.name}, {"means", system.values}});
  }
  for (const PublishedNote& note : published.notes) {
    notes.push_back({{"text", note.text}, {"system", note.system}, {"meaningless", note.meaningless}});
  }
  return {{"systems", systems}, {"notes", notes}};
}

Json set_json(const SetResult& result) {
  const EvaluationSet& set = result.set.set();
  Json json = {{"name", set.name},
               {"store", set.store.string()},
               {"split", set.split},
               {"classes", set.classes},
               {"drums", set.drums},
               {"pitch_class_for", set.pitch_class_for},
               {"melody_for", set.melody_for},
               {"limit_tracks", set.limit_tracks},
               {"max_seconds", set.max_seconds},
               {"complete", result.set.complete()},
               {"score_unannotated", set.score_unannotated},
               {"seconds", result.set.seconds()}};
  double transcription_sec = 0;
  for (const TrackResult& track : result.tracks) transcription_sec += track.transcription.seconds;
  json["transcription_seconds"] = transcription_sec;
  json["means"] = result.means;
  json["intervals"] = Json::object();
  for (const auto& [metric, interval] : mean_intervals(result))
    json["intervals"][metric] = {interval.low, interval.high};
  json["ranking"] = ranking_metric(result);
  json["analysis"] = Json::parse(to_json(analyse_set(result)));
  json["meaningless"] = Json::array();
  for (const auto& [metric, value] : result.means) {
    if (meaningless(result, metric)) json["meaningless"].push_back(metric);
  }
  json["remarks"] = remarks(result);
  json["instruments"] = Json::array();
  for (const ScoredClass& row : scored_classes(result)) {
    json["instruments"].push_back({{"name", row.heading}, {"suffix", row.suffix}});
  }
  const PublishedSet* published = published_results(set.name);
  json["published"] = published == nullptr ? Json() : published_json(*published);
  json["tracks"] = Json::array();
  for (const TrackResult& track : result.tracks) json["tracks"].push_back(track_json(track));
  return json;
}

}  // namespace

nlohmann::ordered_json report_json(const EvaluationReport& report) {
  Json json = {{"format", "yourmt3-evaluation"},
               {"version", 1},
               {"program", version()},
               {"title", report.title},
               {"model", report.model},
               {"model_hash", report.model_hash},
               {"published", published_source()},
               {"columns", Json::array()},
               {"class_columns", Json::array()},
               {"sets", Json::array()}};
  for (const auto& [metric, heading] : kSummaryColumns) {
    json["columns"].push_back({{"metric", metric}, {"heading", heading}});
  }
  for (const auto& [metric, heading] : kClassColumns) {
    json["class_columns"].push_back({{"metric", metric}, {"heading", heading}});
  }
  for (const SetResult& result : report.sets) json["sets"].push_back(set_json(result));
  return json;
}

}  // namespace yourmt3
