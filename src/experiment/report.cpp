#include "experiment/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "chart/line_chart.h"
#include "experiment/report_effects.h"
#include "experiment/report_experts.h"
#include "experiment/report_text.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

/// NaN is no JSON.
json number(double value) {
  return std::isfinite(value) ? json(value) : json();
}

double field(const json& object, const char* name) {
  return object.is_object() && object.contains(name) && object.at(name).is_number()
             ? object.at(name).get<double>()
             : std::numeric_limits<double>::quiet_NaN();
}

class ReportWriter {
 public:
  ReportWriter(const Experiment& experiment, const Results& results, const ReportContext& context)
      : experiment_(experiment), results_(results), context_(context) {}

  ExperimentReportFiles write() {
    text_ = fmt::format("# {}\n\n{}\n\n", experiment_.title, experiment_.question);
    facts_ = {{"name", experiment_.name},
              {"title", experiment_.title},
              {"question", experiment_.question},
              {"scale", experiment_.scale},
              {"command", context_.command},
              {"machine", context_.machine},
              {"config_hash", config_hash(experiment_.document)},
              {"config", experiment_.document}};
    text_ += fmt::format("Size: {}. Configuration {}. Machine: {}.\n\n    {}\n\n", experiment_.scale,
                         config_hash(experiment_.document), context_.machine, context_.command);
    if (trained()) {
      variants();
      mixing();
    }
    scores();
    instruments();
    sweeps();
    learning_curves();
    text_ += effects_section(experiment_, results_, files_.pictures, facts_);
    text_ += experts_section(experiment_, results_, files_.pictures, facts_);
    conclusions();
    files_.markdown = std::move(text_);
    files_.json = facts_.dump(1) + "\n";
    return std::move(files_);
  }

 private:
  bool trained() const {
    return std::any_of(results_.runs().begin(), results_.runs().end(),
                       [](const RunResult& run) { return run.training.is_object(); });
  }

  /// Mean over the seeds of a figure of the training.
  double figure(const std::string& variant, const char* name) const {
    std::vector<double> values;
    for (const RunResult* run : results_.of(variant)) values.push_back(field(run->training, name));
    return spread_of(values).mean;
  }

  void variants() {
    std::vector<std::vector<std::string>> rows;
    for (const ExperimentVariant& variant : experiment_.variants) {
      const double seconds = figure(variant.name, "seconds"), segments = figure(variant.name, "segments");
      rows.push_back({variant.name, variant.says, std::to_string(results_.of(variant.name).size()),
                      fmt::format("{:.0f}", figure(variant.name, "parameters")), fmt::format("{:.0f}", segments),
                      fmt::format("{:.1f}", seconds / 60),
                      seconds > 0 ? fmt::format("{:.1f}", segments / seconds) : "-"});
      facts_["variants"].push_back({{"name", variant.name},
                                    {"says", variant.says},
                                    {"seeds", results_.of(variant.name).size()},
                                    {"parameters", number(figure(variant.name, "parameters"))},
                                    {"segments", number(segments)},
                                    {"seconds", number(seconds)}});
    }
    text_ +=
        "## Variants\n\nAll learn from the same number of segments, and under one seed from the same draws where "
        "their data does not differ. Minutes are wall time of training, validation included, with whatever else "
        "the machine did.\n\n";
    text_ += markdown_table(
        {"variant", "what differs", "seeds", "trained parameters", "segments", "minutes", "segments/s"}, rows);
  }

  void mixing() {
    constexpr std::pair<const char*, const char*> kColumns[] = {{"added", "files mixed in"},
                                                                {"skipped_unannotated", "left out: not annotated"},
                                                                {"skipped_overlap", "left out: same instruments"},
                                                                {"stopped_by_length", "left out: too long"},
                                                                {"rows_dropped", "rows dropped"},
                                                                {"groups", "instruments"},
                                                                {"events", "events"}};
    std::vector<std::string> heading = {"variant"};
    for (const auto& [name, words] : kColumns) heading.push_back(words);
    std::vector<std::vector<std::string>> rows;
    for (const ExperimentVariant& variant : experiment_.variants) {
      const auto runs = results_.of(variant.name);
      if (runs.empty() || !runs.front()->mixing.is_object()) continue;
      const json& mixing = runs.front()->mixing;
      rows.push_back({variant.name});
      for (const auto& [name, words] : kColumns) rows.back().push_back(fmt::format("{:.3f}", field(mixing, name)));
      facts_["mixing"][variant.name] = mixing;
    }
    if (rows.empty()) return;
    text_ +=
        "## Training material\n\nMeans of one segment, over the segments that the first seed drew (see "
        "docs/training.md, stem augmentation).\n\n";
    text_ += markdown_table(heading, rows);
  }

  void scores() {
    text_ +=
        "## Scores\n\nMeans over held-out tracks; ± is the standard deviation over seeds, brackets are 95 % "
        "intervals by bootstrap over the tracks. Differences are to the first variant on the same tracks; an "
        "asterisk marks intervals without 0.\n\n";
    for (const std::string& set : results_.sets()) {
      const auto n_tracks = results_.tracks({experiment_.variants.front().name, set}, "").front().size();
      text_ += fmt::format("### {} ({} tracks)\n\n", set, n_tracks);
      std::vector<std::string> heading = {"variant"};
      for (const std::string& score : experiment_.report.scores) heading.push_back(score);
      if (experiment_.variants.size() > 1) {
        heading.push_back("difference in " + experiment_.report.scores.front());
      }
      std::vector<std::vector<std::string>> rows;
      for (const ExperimentVariant& variant : experiment_.variants) rows.push_back(score_row(variant, set));
      text_ += markdown_table(heading, rows);
    }
  }

  std::vector<std::string> score_row(const ExperimentVariant& variant, const std::string& set) {
    std::vector<std::string> row = {variant.name};
    const ScorePlace place{variant.name, set};
    for (const std::string& score : experiment_.report.scores) {
      const auto values = results_.tracks(place, score);
      const Spread spread = results_.spread(place, score);
      const auto interval = mean_interval(values);
      row.push_back(score_text(spread, interval));
      json fact = {
          {"variant", variant.name},       {"set", set},           {"score", score}, {"mean", number(spread.mean)},
          {"deviation", spread.deviation}, {"seeds", spread.count}};
      if (interval) fact["interval"] = {interval->low, interval->high};
      facts_["scores"].push_back(std::move(fact));
    }
    const ScorePlace first{experiment_.variants.front().name, set};
    if (first.variant == variant.name) {
      if (experiment_.variants.size() > 1) row.emplace_back("");
      return row;
    }
    const std::string& score = experiment_.report.scores.front();
    const auto interval = difference_interval(results_.tracks(place, score), results_.tracks(first, score));
    row.push_back(difference_text(results_.spread(place, score).mean - results_.spread(first, score).mean, interval));
    return row;
  }

  void instruments() {
    if (!experiment_.evaluation.by_instrument) return;
    text_ += "## By instrument\n\nOnset F1 of each class over all tracks and seeds together.\n\n";
    for (const std::string& set : results_.sets()) {
      std::vector<std::string> names;
      for (const ExperimentVariant& variant : experiment_.variants) {
        for (const auto& [name, line] : results_.instruments({variant.name, set})) {
          if (line.n_reference > 0 && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
      }
      std::sort(names.begin(), names.end());
      std::vector<std::string> heading = {"variant"};
      heading.insert(heading.end(), names.begin(), names.end());
      std::vector<std::vector<std::string>> rows;
      for (const ExperimentVariant& variant : experiment_.variants) {
        const auto lines = results_.instruments({variant.name, set});
        rows.push_back({variant.name});
        for (const std::string& name : names) {
          const auto found = lines.find(name);
          const double f1 = found == lines.end() ? std::nan("") : found->second.f1();
          rows.back().push_back(score_text(f1));
          facts_["instruments"].push_back(
              {{"variant", variant.name}, {"set", set}, {"instrument", name}, {"f1", number(f1)}});
        }
      }
      text_ += fmt::format("### {}\n\n{}", set, markdown_table(heading, rows));
    }
  }

  /// Variants of one curve against each other.
  void sweeps() {
    std::set<std::string> names;
    for (const ExperimentVariant& variant : experiment_.variants) {
      for (const auto& [name, x] : variant.at) names.insert(name);
    }
    if (names.empty()) return;
    text_ += "## Curves\n\n";
    for (const std::string& name : names) {
      LineChart chart{fmt::format("{} by {}", experiment_.report.scores.front(), name),
                      name,
                      experiment_.report.scores.front(),
                      {}};
      for (const std::string& set : results_.sets()) chart.curves.push_back(sweep(name, set));
      const std::string picture = fmt::format("curve-{}.svg", name);
      files_.pictures[picture] = to_svg(chart);
      text_ += fmt::format("![{}]({})\n\n", chart.title, picture);
    }
  }

  Curve sweep(const std::string& name, const std::string& set) {
    std::vector<const ExperimentVariant*> members;
    for (const ExperimentVariant& variant : experiment_.variants) {
      if (variant.at.contains(name)) members.push_back(&variant);
    }
    std::sort(members.begin(), members.end(),
              [&](const auto* a, const auto* b) { return a->at.at(name) < b->at.at(name); });
    Curve curve;
    curve.name = set;
    for (const ExperimentVariant* variant : members) {
      const ScorePlace place{variant->name, set};
      const std::string& score = experiment_.report.scores.front();
      const double mean = results_.spread(place, score).mean;
      const auto interval = mean_interval(results_.tracks(place, score));
      curve.points.push_back({variant->at.at(name), mean});
      curve.low.push_back(interval ? interval->low : mean);
      curve.high.push_back(interval ? interval->high : mean);
    }
    return curve;
  }

  /// Curves of the first seed of each variant.
  void learning_curves() {
    std::string pictures;
    for (const auto& [field_name, words] : {std::pair{"loss", "held-out loss (nats per token)"},
                                            std::pair{"onset_f", "onset F1 of held-out tracks while training"},
                                            std::pair{"attention_mass", "attention at the right frame"}}) {
      LineChart chart{words, "segments", field_name, {}};
      for (const ExperimentVariant& variant : experiment_.variants) {
        const auto runs = results_.of(variant.name);
        if (runs.empty()) continue;
        Curve curve;
        curve.name = variant.name;
        for (const json& line : runs.front()->metrics) {
          if (line.value("kind", "") != "validation" || !line.contains(field_name)) continue;
          curve.points.push_back({field(line, "segments"), field(line, field_name)});
        }
        if (curve.points.size() > 1) chart.curves.push_back(std::move(curve));
      }
      if (chart.curves.empty()) continue;
      const std::string picture = fmt::format("learning-{}.svg", field_name);
      files_.pictures[picture] = to_svg(chart);
      pictures += fmt::format("![{}]({})\n\n", words, picture);
    }
    if (!pictures.empty())
      text_ +=
          "## Learning curves\n\nOf the first seed. Held-out segments are mixed as each variant mixes its own, so that "
          "losses of variants which "
          "mix differently do not compare.\n\n" +
          pictures;
  }

  void conclusions() {
    const auto list = [&](const char* heading, const std::vector<std::string>& items) {
      if (items.empty()) return;
      text_ += fmt::format("## {}\n\n", heading);
      for (const std::string& item : items) text_ += fmt::format("- {}\n", item);
      text_ += "\n";
    };
    list("What can be concluded", experiment_.report.can_conclude);
    list("What cannot be concluded", experiment_.report.cannot_conclude);
    while (text_.ends_with("\n\n")) text_.pop_back();
  }

  const Experiment& experiment_;
  const Results& results_;
  const ReportContext& context_;
  std::string text_;
  json facts_;
  ExperimentReportFiles files_;
};

}  // namespace

ExperimentReportFiles make_report(const Experiment& experiment, const Results& results, const ReportContext& context) {
  return ReportWriter(experiment, results, context).write();
}

}  // namespace yourmt3
