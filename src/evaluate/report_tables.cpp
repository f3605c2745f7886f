#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "evaluate/published_results.h"
#include "evaluate/report.h"

namespace yourmt3 {
namespace {

/// A cell of RFC 4180.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

/// The name as it is shown in a table of Markdown.
std::string markdown_cell(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return safe;
}

std::string percent(double value, bool marked = false) {
  return std::isnan(value) ? "–" : fmt::format("{:.2f}{}", 100 * value, marked ? " †" : "");
}

template <class Columns>
std::string heading_of(const std::string& first, const Columns& columns) {
  std::string names = "| " + first + " |", rule = "|---|";
  for (const auto& [metric, heading] : columns) {
    names += fmt::format(" {} |", heading);
    rule += "---:|";
  }
  return names + "\n" + rule + "\n";
}

std::string summary_table(const EvaluationReport& report) {
  std::string text = heading_of("data set", kSummaryColumns);
  for (const SetResult& result : report.sets) {
    text += fmt::format("| **{}**, {} tracks |", markdown_cell(result.set.set().name), result.tracks.size());
    for (const auto& [metric, heading] : kSummaryColumns) {
      text += fmt::format(" {} |", percent(score_of(result.means, std::string(metric)), meaningless(result, metric)));
    }
    text += "\n";
    const PublishedSet* published = published_results(result.set.set().name);
    if (published == nullptr) continue;
    for (const PublishedSystem& system : published->systems) {
      text += fmt::format("| {}, published |", markdown_cell(system.name));
      for (const auto& [metric, heading] : kSummaryColumns) {
        const std::string name(metric);
        text += fmt::format(" {} |", percent(score_of(system.values, name), published->meaningless(system.name, name)));
      }
      text += "\n";
    }
  }
  return text;
}

std::string class_tables(const EvaluationReport& report) {
  std::string text;
  for (const SetResult& result : report.sets) {
    const std::vector<ScoredClass> rows = scored_classes(result);
    if (rows.empty()) continue;
    text += fmt::format("\n### {}\n\n{}", result.set.set().name, heading_of("instrument", kClassColumns));
    const PublishedSet* published = published_results(result.set.set().name);
    for (const ScoredClass& row : rows) {
      const auto line = [&](const std::string& name, const std::map<std::string, double>& scores) {
        text += fmt::format("| {} |", markdown_cell(name));
        for (const auto& [metric, heading] : kClassColumns) {
          text += fmt::format(" {} |", percent(score_of(scores, fmt::format("{}_{}", metric, row.suffix))));
        }
        text += "\n";
      };
      line(fmt::format("**{}**", row.heading), result.means);
      if (published == nullptr) continue;
      for (const PublishedSystem& system : published->systems) {
        if (!std::isnan(score_of(system.values, "onset_f_" + row.suffix))) {
          line(system.name + ", published", system.values);
        }
      }
    }
  }
  return text;
}

std::set<std::string> metric_names(const EvaluationReport& report) {
  std::set<std::string> names;
  for (const SetResult& result : report.sets) {
    for (const auto& [metric, value] : result.means) names.insert(metric);
  }
  return names;
}

}  // namespace

std::string report_csv(const EvaluationReport& report) {
  const std::set<std::string> metrics = metric_names(report);
  std::string text = "set,system,tracks,seconds";
  for (const std::string& metric : metrics) text += "," + csv_cell(metric);
  text += "\n";
  for (const SetResult& result : report.sets) {
    const auto line = [&](const std::string& start, const std::map<std::string, double>& scores) {
      text += csv_cell(result.set.set().name) + "," + start;
      for (const std::string& metric : metrics) text += "," + csv_number(score_of(scores, metric));
      text += "\n";
    };
    line(fmt::format("measured,{},{}", result.tracks.size(), result.set.seconds()), result.means);
    const PublishedSet* published = published_results(result.set.set().name);
    if (published == nullptr) continue;
    for (const PublishedSystem& system : published->systems) {
      line(csv_cell("published: " + system.name) + ",,", system.values);
    }
  }
  return text;
}

std::string tracks_csv(const EvaluationReport& report) {
  std::set<std::string> metrics;
  for (const std::string& metric : metric_names(report)) {
    if (!metric.starts_with("micro_")) metrics.insert(metric);
  }
  std::string text = "set,track,seconds,reference_notes,estimate_notes,transcription_seconds";
  for (const std::string& metric : metrics) text += "," + csv_cell(metric);
  text += "\n";
  for (const SetResult& result : report.sets) {
    for (const TrackResult& track : result.tracks) {
      text +=
          fmt::format("{},{},{},{},{},{}", csv_cell(result.set.set().name), csv_cell(track.item.track->info.id),
                      track.item.seconds(), track.reference.size(), track.estimate.size(), track.transcription.seconds);
      for (const std::string& metric : metrics) text += "," + csv_number(score_of(track.metrics, metric));
      text += "\n";
    }
  }
  return text;
}

std::string report_markdown(const EvaluationReport& report) {
  std::string text = fmt::format("# {}\n\nModel {}, hash {}; yourmt3 {}. Percent, means over files.\n\n", report.title,
                                 report.model, report.model_hash, version());
  text += summary_table(report);
  std::string notes;
  for (const SetResult& result : report.sets) {
    for (const std::string& remark : remarks(result)) notes += fmt::format("- {}\n", remark);
  }
  if (!notes.empty()) text += "\n" + notes;
  text += "\n## Instruments\n\nMacro: mean over the files that have the instrument; micro: pooled over all notes.\n";
  text += class_tables(report);
  const bool published = std::any_of(report.sets.begin(), report.sets.end(), [](const SetResult& result) {
    return published_results(result.set.set().name) != nullptr;
  });
  if (published) text += fmt::format("\nPublished values: {}.\n", published_source());
  return text;
}

}  // namespace yourmt3
