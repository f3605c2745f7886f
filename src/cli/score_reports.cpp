#include "cli/score_reports.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/csv_field.h"
#include "eval/distribution.h"
#include "eval/score_summary.h"

namespace yourmt3::cli {
namespace {

using Json = nlohmann::ordered_json;
using Out = std::back_insert_iterator<std::string>;

std::vector<ScoreReport> reports_of(std::span<const ScoredPair> scored) {
  std::vector<ScoreReport> reports;
  for (const ScoredPair& pair : scored) reports.push_back(pair.report);
  return reports;
}

NoteAnalysis pooled_analysis(std::span<const ScoredPair> scored) {
  NoteAnalysis sum;
  for (const ScoredPair& pair : scored) sum += pair.analysis;
  return sum;
}

DetectionMeans mean_detection_of(std::span<const ScoredPair> scored, InstrumentDetection NoteAnalysis::*which) {
  std::vector<InstrumentDetection> files;
  for (const ScoredPair& pair : scored) files.push_back(pair.analysis.*which);
  return mean_detection(files);
}

// "-" for what cannot be scored.
std::string number(double value, int n_decimals = 3) {
  return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, n_decimals);
}

std::string range(const Interval& interval) {
  return std::isnan(interval.low) ? "" : fmt::format("{:.3f} to {:.3f}", interval.low, interval.high);
}

void write_line(Out out, const std::string& name, const ScoreLine& line, const std::string& interval = "") {
  if (line.empty()) {
    fmt::format_to(out, "{:<26} {:>7} {:>7} {:>7}   nothing on either side\n", name, "-", "-", "-");
    return;
  }
  fmt::format_to(out, "{:<26} {:>7.3f} {:>7.3f} {:>7.3f} {:>9} {:>9} {:>9}", name, line.f1(), line.precision(),
                 line.recall(), line.n_reference, line.n_estimate, line.n_matched);
  if (!interval.empty()) fmt::format_to(out, "   {}", interval);
  fmt::format_to(out, "\n");
}

void write_distribution(Out out, const char* name, std::span<const double> values, int n_decimals) {
  const Distribution where = summarise(values);
  fmt::format_to(out, "  {:<24}", name);
  for (const double value : {where.mean, where.std_dev, where.median, where.p5, where.p95}) {
    fmt::format_to(out, " {:>8}", number(value, n_decimals));
  }
  fmt::format_to(out, "\n");
}

void write_detection(Out out, const char* name, const InstrumentDetection& detection) {
  fmt::format_to(out, "  {:<24} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9}   leakage {}\n", name, number(detection.f1()),
                 number(detection.precision()), number(detection.recall()), detection.n_reference, detection.n_estimate,
                 detection.n_matched, number(detection.leakage_ratio(), 2));
}

void write_confusion(Out out, const InstrumentConfusion& confusion) {
  std::vector<std::tuple<long, std::size_t, std::size_t>> cells;
  for (std::size_t row = 0; row < confusion.names.size(); ++row) {
    for (std::size_t column = 0; column < confusion.names.size(); ++column) {
      const long n = confusion.n_notes[row][column];
      if (row != column && n > 0) cells.emplace_back(-n, row, column);
    }
  }
  fmt::format_to(out, "\nright note, wrong instrument: {} of {} paired notes\n",
                 confusion.n_paired() - confusion.n_right(), confusion.n_paired());
  std::sort(cells.begin(), cells.end());
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < std::min(cells.size(), kShown); ++i) {
    const auto& [n, row, column] = cells[i];
    fmt::format_to(out, "  {:<24} {:>7}\n", fmt::format("{} as {}", confusion.names[row], confusion.names[column]), -n);
  }
}

void write_analysis(Out out, const NoteAnalysis& analysis) {
  fmt::format_to(out, "\ninstruments detected\n");
  write_detection(out, "programs", analysis.programs);
  write_detection(out, "classes", analysis.classes);
  if (analysis.velocity) {
    const auto line_of = [](const MatchScore& score) {
      return ScoreLine{score.n_reference, score.n_estimate, score.n_matched};
    };
    fmt::format_to(out, "\nwith velocity\n");
    write_line(out, "  onset", line_of(analysis.velocity->no_offset));
    write_line(out, "  onset and offset", line_of(analysis.velocity->onset_offset));
  }
  if (!analysis.timing.onset_ms.empty()) {
    fmt::format_to(out, "\n{:<26} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "estimate minus reference", "mean", "std", "median",
                   "5 %", "95 %");
    write_distribution(out, "onset, ms", analysis.timing.onset_ms, 1);
    write_distribution(out, "offset, ms", analysis.timing.offset_ms, 1);
    write_distribution(out, "offset, of the length", analysis.timing.offset_ratio, 3);
  }
  fmt::format_to(out, "\n{:<26} {:>7} {:>7} {:>9}\n", "notes too many", "notes", "share", "instead");
  for (std::size_t i = 0; i < kWrongNoteKinds; ++i) {
    if (analysis.pitches.n_wrong[i] == 0) continue;
    std::string name(wrong_note_names()[i]);
    std::replace(name.begin(), name.end(), '_', ' ');
    fmt::format_to(out, "  {:<24} {:>7} {:>7.3f} {:>9}\n", name, analysis.pitches.n_wrong[i],
                   analysis.pitches.share(static_cast<WrongNote>(i)), analysis.pitches.n_instead[i]);
  }
  fmt::format_to(out, "notes missed: {}, of these doubled in an octave that was found: {}\n", analysis.pitches.n_missed,
                 analysis.pitches.n_missed_doublings);
  write_confusion(out, analysis.confusion);
}

Json json_of(const ScoredPair& scored, const BootstrapOptions& bootstrap) {
  Json json = Json::parse(to_json(scored.report));
  json["analysis"] = Json::parse(to_json(scored.analysis, bootstrap));
  return json;
}

Json json_of(const LineSummary& summary) {
  return {{"pooled_f1", summary.pooled.f1()},
          {"pooled_interval", {summary.pooled_f1.low, summary.pooled_f1.high}},
          {"pooled_precision", summary.pooled.precision()},
          {"pooled_recall", summary.pooled.recall()},
          {"reference", summary.pooled.n_reference},
          {"estimate", summary.pooled.n_estimate},
          {"matched", summary.pooled.n_matched},
          {"mean_f1", summary.mean_f1},
          {"mean_interval", {summary.mean_f1_interval.low, summary.mean_f1_interval.high}},
          {"files", summary.n_files}};
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

void write_csv(Out out, std::string_view row, const std::string& name, std::string_view score, const ScoreLine& line,
               const std::string& low = "", const std::string& high = "") {
  fmt::format_to(out, "{},{},{},{},{},{},{},{},{},{},{}\n", row, csv_field(name), score, csv_number(line.f1()), low,
                 high, line.precision(), line.recall(), line.n_reference, line.n_estimate, line.n_matched);
}

std::string percent(double part) {
  return fmt::format("{:g} %", 100 * part);
}

}  // namespace

std::string one_pair_text(const ScoredPair& scored, const BootstrapOptions& bootstrap) {
  const ScoreReport& report = scored.report;
  const auto interval = [&](const std::vector<ScoreLine>& blocks) {
    return range(bootstrap_f1(std::span<const ScoreLine>(blocks), bootstrap));
  };
  std::string text;
  const Out out(text);
  fmt::format_to(out, "{:<26} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9}   {} of F1\n", "", "F1", "P", "R", "reference",
                 "estimate", "matched", percent(bootstrap.confidence));
  write_line(out, "onset", report.onset, interval(scored.analysis.blocks.onset));
  write_line(out, "onset and offset", report.onset_offset, interval(scored.analysis.blocks.onset_offset));
  write_line(out, "frame", report.frame);
  write_line(out, "drum onset", report.drum_onset, interval(scored.analysis.blocks.drum_onset));
  write_line(out, "multi", report.multi, interval(scored.analysis.blocks.multi));
  write_line(out, "multi onset", report.multi_onset, interval(scored.analysis.blocks.multi_onset));
  if (!report.instruments.empty()) fmt::format_to(out, "\nonsets by instrument\n");
  for (const InstrumentScore& instrument : report.instruments)
    write_line(out, "  " + instrument.name, instrument.onset);
  if (report.n_reference_unclassed + report.n_estimate_unclassed > 0) {
    fmt::format_to(out, "\nof no instrument class: {} notes of the reference, {} of the estimate\n",
                   report.n_reference_unclassed, report.n_estimate_unclassed);
  }
  write_analysis(out, scored.analysis);
  return text;
}

std::string one_pair_json(const ScoredPair& scored, const BootstrapOptions& bootstrap) {
  return json_of(scored, bootstrap).dump(2) + "\n";
}

std::string many_pairs_text(std::span<const ScoredPair> scored, const BootstrapOptions& bootstrap) {
  std::size_t width = 14;
  for (const ScoredPair& pair : scored) width = std::max(width, pair.name.size());
  std::string text;
  const Out out(text);
  fmt::format_to(out, "{:<{}}", "F1", width);
  for (const NamedLine& line : kReportLines) fmt::format_to(out, " {:>14}", line.name);
  fmt::format_to(out, "\n");
  for (const ScoredPair& pair : scored) {
    fmt::format_to(out, "{:<{}}", pair.name, width);
    for (const NamedLine& line : kReportLines) fmt::format_to(out, " {:>14}", number((pair.report.*line.line).f1()));
    fmt::format_to(out, "\n");
  }
  const std::vector<ScoreReport> reports = reports_of(scored);
  fmt::format_to(out, "\n{:<26} {:>7} {:>16} {:>7} {:>16} {:>6} {:>9} {:>9} {:>9}\n", "over files", "pooled",
                 percent(bootstrap.confidence), "mean", percent(bootstrap.confidence), "files", "reference", "estimate",
                 "matched");
  const auto write = [&](const std::string& name, const LineSummary& summary) {
    fmt::format_to(out, "{:<26} {:>7} {:>16} {:>7} {:>16} {:>6} {:>9} {:>9} {:>9}\n", name, number(summary.pooled.f1()),
                   range(summary.pooled_f1), number(summary.mean_f1), range(summary.mean_f1_interval), summary.n_files,
                   summary.pooled.n_reference, summary.pooled.n_estimate, summary.pooled.n_matched);
  };
  for (const LineSummary& summary : summarise_scores(reports, bootstrap)) write(summary.name, summary);
  fmt::format_to(out, "\nonsets by instrument\n");
  for (const LineSummary& summary : summarise_instruments(reports, bootstrap)) write("  " + summary.name, summary);
  write_analysis(out, pooled_analysis(scored));
  for (const auto& [name, which] :
       {std::pair{"programs", &NoteAnalysis::programs}, std::pair{"classes", &NoteAnalysis::classes}}) {
    const DetectionMeans means = mean_detection_of(scored, which);
    fmt::format_to(out, "{}{} detected, mean over files: F1 {}, leakage {}\n",
                   name == std::string("programs") ? "\n" : "", name, number(means.f1), number(means.leakage_ratio, 2));
  }
  return text;
}

std::string many_pairs_json(std::span<const ScoredPair> scored, const BootstrapOptions& bootstrap) {
  Json json{{"files", Json::object()}, {"scores", Json::object()}, {"instruments", Json::object()}};
  for (const ScoredPair& pair : scored) json["files"][pair.name] = json_of(pair, bootstrap);
  const std::vector<ScoreReport> reports = reports_of(scored);
  for (const LineSummary& summary : summarise_scores(reports, bootstrap))
    json["scores"][summary.name] = json_of(summary);
  for (const LineSummary& summary : summarise_instruments(reports, bootstrap)) {
    json["instruments"][summary.name] = json_of(summary);
  }
  json["analysis"] = Json::parse(to_json(pooled_analysis(scored), bootstrap));
  for (const auto& [name, which] :
       {std::pair{"programs", &NoteAnalysis::programs}, std::pair{"classes", &NoteAnalysis::classes}}) {
    const DetectionMeans means = mean_detection_of(scored, which);
    json["mean_detection"][name] = {{"f1", means.f1}, {"leakage_ratio", means.leakage_ratio}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string pairs_csv(std::span<const ScoredPair> scored, bool several, const BootstrapOptions& bootstrap) {
  std::string text = "row,name,score,f1,low,high,precision,recall,reference,estimate,matched\n";
  const Out out(text);
  for (const ScoredPair& pair : scored) {
    for (const NamedLine& line : kReportLines) write_csv(out, "file", pair.name, line.name, pair.report.*line.line);
    for (const InstrumentScore& instrument : pair.report.instruments) {
      write_csv(out, "file", pair.name, csv_field("onset " + instrument.name), instrument.onset);
    }
  }
  if (!several) return text;
  const std::vector<ScoreReport> reports = reports_of(scored);
  const auto write = [&](const std::string& score, const LineSummary& summary) {
    write_csv(out, "pooled", "", score, summary.pooled, csv_number(summary.pooled_f1.low),
              csv_number(summary.pooled_f1.high));
    fmt::format_to(out, "mean,,{},{},{},{},,,,,\n", score, csv_number(summary.mean_f1),
                   csv_number(summary.mean_f1_interval.low), csv_number(summary.mean_f1_interval.high));
  };
  for (const LineSummary& summary : summarise_scores(reports, bootstrap)) write(summary.name, summary);
  for (const LineSummary& summary : summarise_instruments(reports, bootstrap)) {
    write(csv_field("onset " + summary.name), summary);
  }
  return text;
}

}  // namespace yourmt3::cli
