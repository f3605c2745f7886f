#include "eval/score_summary.h"

#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace yourmt3 {

namespace {

LineSummary summarise(std::string name, const std::vector<ScoreLine>& lines, const BootstrapOptions& options) {
  LineSummary summary;
  summary.name = std::move(name);
  std::vector<double> scores;
  double sum = 0;
  for (const ScoreLine& line : lines) {
    summary.pooled += line;
    scores.push_back(line.f1());
    if (std::isnan(scores.back())) continue;
    sum += scores.back();
    ++summary.n_files;
  }
  summary.mean_f1 =
      summary.n_files == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(summary.n_files);
  summary.pooled_f1 = bootstrap_f1(std::span<const ScoreLine>(lines), options);
  summary.mean_f1_interval = bootstrap_mean(scores, options);
  return summary;
}

}  // namespace

ScoreReport pool_scores(std::span<const ScoreReport> reports) {
  ScoreReport pooled;
  std::map<std::string, InstrumentScore> by_name;
  for (const ScoreReport& report : reports) {
    for (const NamedLine& named : kReportLines) pooled.*named.line += report.*named.line;
    for (const InstrumentScore& instrument : report.instruments) {
      InstrumentScore& sum = by_name[instrument.name];
      sum.onset += instrument.onset;
      sum.onset_offset += instrument.onset_offset;
    }
    pooled.n_reference_unclassed += report.n_reference_unclassed;
    pooled.n_estimate_unclassed += report.n_estimate_unclassed;
    pooled.onset_tolerance_sec = report.onset_tolerance_sec;
  }
  for (const auto& [name, sum] : by_name) pooled.instruments.push_back({name, sum.onset, sum.onset_offset});
  return pooled;
}

std::vector<LineSummary> summarise_scores(std::span<const ScoreReport> reports, const BootstrapOptions& options) {
  std::vector<LineSummary> summaries;
  for (const NamedLine& named : kReportLines) {
    std::vector<ScoreLine> lines;
    for (const ScoreReport& report : reports) lines.push_back(report.*named.line);
    summaries.push_back(summarise(std::string(named.name), lines, options));
  }
  return summaries;
}

std::vector<LineSummary> summarise_instruments(std::span<const ScoreReport> reports, const BootstrapOptions& options) {
  std::map<std::string, std::vector<ScoreLine>> by_name;
  for (const ScoreReport& report : reports) {
    for (const InstrumentScore& instrument : report.instruments) by_name[instrument.name].resize(reports.size());
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    for (const InstrumentScore& instrument : reports[i].instruments) by_name[instrument.name][i] = instrument.onset;
  }
  std::vector<LineSummary> summaries;
  for (const auto& [name, lines] : by_name) summaries.push_back(summarise(name, lines, options));
  return summaries;
}

}  // namespace yourmt3
