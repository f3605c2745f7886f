#include "experiment/report_effects.h"

#include <fmt/format.h>

#include <algorithm>

#include "chart/heat_map.h"
#include "chart/line_chart.h"
#include "experiment/report_text.h"

namespace yourmt3 {
namespace {

/// Instruments with fewer notes than this say nothing.
constexpr long kFewestNotes = 20;
/// Outcomes that grow by less than this share of the notes are no pattern.
constexpr double kPattern = 0.02;

std::string level_text(const EffectSweep& sweep, double level) {
  if (sweep.effect == Effect::kCompress) return fmt::format("{:g}:1", level);
  return fmt::format("{:g} {}", level, unit_of(sweep.effect));
}

class EffectsSection {
 public:
  EffectsSection(const Experiment& experiment, const Results& results, std::map<std::string, std::string>& pictures,
                 nlohmann::json& facts)
      : experiment_(experiment), results_(results), pictures_(pictures), facts_(facts) {}

  std::string write() {
    std::string text = "## Effects on the sound\n\n";
    for (const std::string& set : results_.sets()) {
      for (const EffectSweep& sweep : experiment_.evaluation.effects) text += curve(set, sweep);
      for (const ExperimentVariant& variant : experiment_.variants) {
        text += profile(variant, set);
        text += patterns(variant, set);
      }
    }
    return text;
  }

 private:
  const std::string& score() const { return experiment_.report.scores.front(); }

  ScorePlace place(const ExperimentVariant& variant, const std::string& set, const EffectSweep& sweep,
                   double level) const {
    return {variant.name, set, name_of(sweep.effect), level};
  }

  /// One chart and one table: all variants over the levels.
  std::string curve(const std::string& set, const EffectSweep& sweep) {
    LineChart chart;
    chart.title = fmt::format("{} on {}", name_of(sweep.effect), set);
    chart.x_label = fmt::format("{} ({})", name_of(sweep.effect), unit_of(sweep.effect));
    chart.y_label = score();
    std::vector<std::string> heading = {"", "as it is"};
    for (const double level : sweep.levels) heading.push_back(level_text(sweep, level));
    std::vector<std::vector<std::string>> rows;
    for (const ExperimentVariant& variant : experiment_.variants) {
      Curve curve;
      curve.name = variant.name;
      const ScorePlace clean{variant.name, set};
      rows.push_back({variant.name, score_text(results_.spread(clean, score()).mean)});
      Curve reference{variant.name + ", as it is", {}, {}, {}};
      for (const double level : sweep.levels) {
        const ScorePlace at = place(variant, set, sweep, level);
        const auto values = results_.tracks(at, score());
        const Spread spread = results_.spread(at, score());
        const auto interval = mean_interval(values);
        rows.back().push_back(score_text(spread, interval));
        curve.points.push_back({level, spread.mean});
        curve.low.push_back(interval ? interval->low : spread.mean);
        curve.high.push_back(interval ? interval->high : spread.mean);
        reference.points.push_back({level, results_.spread(clean, score()).mean});
        facts_["effects"].push_back({{"variant", variant.name},
                                     {"set", set},
                                     {"effect", name_of(sweep.effect)},
                                     {"level", level},
                                     {"score", score()},
                                     {"mean", spread.mean}});
      }
      chart.curves.push_back(std::move(curve));
      chart.curves.push_back(std::move(reference));
    }
    const std::string picture = fmt::format("effect-{}-{}.svg", set, name_of(sweep.effect));
    pictures_[picture] = to_svg(chart);
    return fmt::format("### {} on {}\n\n{}![{}]({})\n\n", name_of(sweep.effect), set, markdown_table(heading, rows),
                       chart.title, picture);
  }

  /// Notes that are found, by instrument, as it is and at the strongest level of each effect.
  std::string profile(const ExperimentVariant& variant, const std::string& set) {
    const auto clean = results_.errors_by_class({variant.name, set});
    std::vector<std::string> heading = {"instrument", "notes", "as it is"};
    HeatMap map;
    map.title = fmt::format("{} on {}: notes lost by instrument at the strongest level", variant.name, set);
    map.high = 0.6;
    for (const EffectSweep& sweep : experiment_.evaluation.effects) {
      heading.push_back(fmt::format("{} {}", name_of(sweep.effect), level_text(sweep, sweep.levels.back())));
      map.columns.emplace_back(name_of(sweep.effect));
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, errors] : clean) {
      if (errors.n_reference() < kFewestNotes) continue;
      rows.push_back({name, std::to_string(errors.n_reference()), score_text(errors.found())});
      std::vector<double> losses;
      for (const EffectSweep& sweep : experiment_.evaluation.effects) {
        const double found = results_.errors_by_class(place(variant, set, sweep, sweep.levels.back()))[name].found();
        rows.back().push_back(score_text(found));
        losses.push_back(errors.found() - found);
        facts_["profile"].push_back({{"variant", variant.name},
                                     {"set", set},
                                     {"instrument", name},
                                     {"effect", name_of(sweep.effect)},
                                     {"level", sweep.levels.back()},
                                     {"found_clean", errors.found()},
                                     {"found", found}});
      }
      map.rows.push_back(name);
      map.values.push_back(std::move(losses));
    }
    if (rows.empty()) return "";
    const std::string picture = fmt::format("profile-{}-{}.svg", set, variant.name);
    pictures_[picture] = to_svg(std::vector<HeatMap>{map});
    return fmt::format(
        "### Profile of {} on {}\n\nShare of the notes of each instrument that are heard at their pitch and onset, by "
        "whatever instrument, at the strongest level of each effect; instruments with at least {} notes.\n\n{}![{}]({})"
        "\n\n",
        variant.name, set, kFewestNotes, markdown_table(heading, rows), map.title, picture);
  }

  /// What grows most at the strongest level of each effect.
  std::string patterns(const ExperimentVariant& variant, const std::string& set) {
    const NoteErrors clean = results_.errors({variant.name, set});
    std::vector<std::string> heading = {"", "failure patterns, strongest first"};
    std::vector<std::vector<std::string>> rows = {{"as it is", ""}};
    for (int i = 0; i < kNoteOutcomes; ++i) heading.push_back(name_of(static_cast<NoteOutcome>(i)));
    add_rates(clean, rows.back());
    for (const EffectSweep& sweep : experiment_.evaluation.effects) {
      const double level = sweep.levels.back();
      const NoteErrors changed = results_.errors(place(variant, set, sweep, level));
      rows.push_back(
          {fmt::format("{} {}", name_of(sweep.effect), level_text(sweep, level)), named_outcomes(changed, clean)});
      add_rates(changed, rows.back());
      nlohmann::json rates;
      for (int i = 0; i < kNoteOutcomes; ++i) {
        rates[name_of(static_cast<NoteOutcome>(i))] = changed.rate(static_cast<NoteOutcome>(i));
      }
      facts_["failures"].push_back({{"variant", variant.name},
                                    {"set", set},
                                    {"effect", name_of(sweep.effect)},
                                    {"level", level},
                                    {"rates", rates}});
    }
    return fmt::format(
        "### What goes wrong: {} on {}\n\nNotes by outcome, as shares of the notes that were played. Patterns are "
        "outcomes that grow by more than {:g} of them.\n\n{}",
        variant.name, set, kPattern, markdown_table(heading, rows));
  }

  static void add_rates(const NoteErrors& errors, std::vector<std::string>& row) {
    for (int i = 0; i < kNoteOutcomes; ++i) row.push_back(score_text(errors.rate(static_cast<NoteOutcome>(i))));
  }

  static std::string named_outcomes(const NoteErrors& errors, const NoteErrors& before) {
    std::vector<std::pair<double, std::string>> growth;
    for (int i = 1; i < kNoteOutcomes; ++i) {
      const auto outcome = static_cast<NoteOutcome>(i);
      const double grown = errors.rate(outcome) - before.rate(outcome);
      if (grown > kPattern) growth.emplace_back(grown, name_of(outcome));
    }
    std::sort(growth.rbegin(), growth.rend());
    std::string text;
    for (const auto& [grown, name] : growth) text += fmt::format("{}{} {:+.2f}", text.empty() ? "" : ", ", name, grown);
    return text.empty() ? "none" : text;
  }

  const Experiment& experiment_;
  const Results& results_;
  std::map<std::string, std::string>& pictures_;
  nlohmann::json& facts_;
};

}  // namespace

std::string effects_section(const Experiment& experiment, const Results& results,
                            std::map<std::string, std::string>& pictures, nlohmann::json& facts) {
  if (experiment.evaluation.effects.empty()) return "";
  return EffectsSection(experiment, results, pictures, facts).write();
}

}  // namespace yourmt3
