#include "evaluate/compare_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "eval/score_summary.h"

namespace yourmt3 {
namespace {

std::string percent(const ScoreLine& line) {
  return line.empty() ? "–" : fmt::format("{:.2f}", 100 * line.f1());
}

RunScores score_run(const NamedRun& run, const NamedRun& first, const ScoreReportOptions& how) {
  RunScores scores;
  scores.name = run.name;
  std::vector<ScoreReport> to_first, to_reference;
  for (std::size_t i = 0; i < run.result.tracks.size(); ++i) {
    const TrackResult& track = run.result.tracks[i];
    scores.seconds += track.transcription.seconds;
    scores.n_tokens += track.transcription.heard.n_tokens;
    scores.n_notes += static_cast<long>(track.estimate.size());
    to_first.push_back(score_notes(first.result.tracks[i].estimate, track.estimate, how));
    to_reference.push_back(score_notes(track.reference, track.estimate, how));
  }
  scores.to_first = pool_scores(to_first);
  scores.to_reference = pool_scores(to_reference);
  return scores;
}

const InstrumentScore* find_instrument(const ScoreReport& report, const std::string& name) {
  const auto found = std::ranges::find(report.instruments, name, &InstrumentScore::name);
  return found == report.instruments.end() ? nullptr : &*found;
}

std::string run_table(const RunComparison& comparison) {
  const std::string& first = comparison.runs.front().name;
  std::string text = fmt::format(
      "| run | times real time | tokens | notes | to {0}: onset F1 | multi onset F1 | multi F1 | onset F1 | "
      "multi onset F1 | multi F1 |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
      first);
  for (const RunScores& run : comparison.runs) {
    const std::string speed =
        run.seconds > 0 ? fmt::format("{:.1f}", comparison.audio_sec / run.seconds) : std::string("–");
    text += fmt::format("| {} | {} | {} | {} |", run.name, speed, run.n_tokens, run.n_notes);
    for (const ScoreReport* scores : {&run.to_first, &run.to_reference}) {
      text +=
          fmt::format(" {} | {} | {} |", percent(scores->onset), percent(scores->multi_onset), percent(scores->multi));
    }
    text += "\n";
  }
  return text;
}

std::string instrument_table(const RunComparison& comparison) {
  const RunScores& first = comparison.runs.front();
  std::string text = "| instrument | notes |", rule = "|---|---:|";
  for (const RunScores& run : comparison.runs) {
    if (&run != &first) text += fmt::format(" {} to {} |", run.name, first.name);
    text += fmt::format(" {} |", run.name);
    rule += &run != &first ? "---:|---:|" : "---:|";
  }
  text += "\n" + rule + "\n";
  const auto cell = [](const InstrumentScore* score) {
    return score == nullptr ? std::string(" – |")
                            : fmt::format(" {} / {} |", percent(score->onset), percent(score->onset_offset));
  };
  for (const InstrumentScore& instrument : first.to_reference.instruments) {
    text += fmt::format("| {} | {} |", instrument.name, instrument.onset.n_reference);
    for (const RunScores& run : comparison.runs) {
      if (&run != &first) text += cell(find_instrument(run.to_first, instrument.name));
      text += cell(find_instrument(run.to_reference, instrument.name));
    }
    text += "\n";
  }
  return text;
}

}  // namespace

RunComparison compare_runs(std::span<const NamedRun> runs) {
  if (runs.empty()) fail(ErrorCode::kInvalidArgument, "no runs to compare");
  const OpenedSet& set = runs.front().result.set;
  const ScoreReportOptions how{.classes = set.metrics().classes, .drums = set.metrics().drums};
  RunComparison comparison;
  comparison.set = set.set().name;
  comparison.n_tracks = set.tracks().size();
  comparison.audio_sec = set.seconds();
  for (const NamedRun& run : runs) {
    if (run.result.tracks.size() != comparison.n_tracks) {
      fail(ErrorCode::kInvalidArgument, "run '{}' has {} tracks, expected {}", run.name, run.result.tracks.size(),
           comparison.n_tracks);
    }
    comparison.runs.push_back(score_run(run, runs.front(), how));
  }
  return comparison;
}

std::string comparison_markdown(const RunComparison& comparison) {
  return fmt::format(
      "{}: {} tracks, {:.1f} s. Percent, notes of all tracks pooled; scores as of yourmt3 score.\n\n{}\n"
      "Onset F1 / onset-offset F1 of each instrument.\n\n{}",
      comparison.set, comparison.n_tracks, comparison.audio_sec, run_table(comparison), instrument_table(comparison));
}

nlohmann::ordered_json comparison_json(const RunComparison& comparison) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const RunScores& run : comparison.runs) {
    runs.push_back({{"name", run.name},
                    {"seconds", run.seconds},
                    {"tokens", run.n_tokens},
                    {"notes", run.n_notes},
                    {"to_first", nlohmann::ordered_json::parse(to_json(run.to_first))},
                    {"to_reference", nlohmann::ordered_json::parse(to_json(run.to_reference))}});
  }
  return {{"set", comparison.set},
          {"tracks", comparison.n_tracks},
          {"audio_seconds", comparison.audio_sec},
          {"runs", runs}};
}

}  // namespace yourmt3
