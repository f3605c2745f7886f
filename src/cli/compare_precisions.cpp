#include "cli/compare_precisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "evaluate/compare_runs.h"

namespace yourmt3::cli {

std::vector<Precision> parse_precisions(std::span<const std::string> names) {
  std::vector<Precision> precisions;
  for (const std::string& name : names) {
    const std::optional<Precision> precision = precision_from_name(name);
    if (!precision || *precision == Precision::kAuto) {
      throw UsageError(fmt::format("--compare-precisions: '{}' is none of f32, bf16, int8", name));
    }
    if (std::ranges::find(precisions, *precision) != precisions.end()) {
      throw UsageError(fmt::format("--compare-precisions: '{}' is named twice", name));
    }
    precisions.push_back(*precision);
  }
  if (precisions.size() == 1) throw UsageError("--compare-precisions: give at least two, such as f32,int8");
  return precisions;
}

int compare_precisions(std::span<const OpenedSet> sets, const CompareOptions& options) {
  double total_sec = 0, done_sec = 0;
  for (const OpenedSet& set : sets) total_sec += set.seconds() * static_cast<double>(options.precisions.size());
  std::vector<std::vector<NamedRun>> runs(sets.size());
  ProgressLine line("compare", !options.quiet);
  for (const Precision precision : options.precisions) {
    const Transcriber transcriber(
        options.model, {.n_threads = options.n_threads, .precision = precision, .decoding = options.decoding});
    const TranscriptionCache cache(options.kept, options.model, precision, options.decoding);
    EvaluateOptions evaluating;
    evaluating.cache = &cache;
    evaluating.progress = [&](const Progress& progress) {
      line.update(done_sec + progress.done, total_sec);
      return !interrupted();
    };
    for (std::size_t i = 0; i < sets.size(); ++i) {
      runs[i].push_back({precision_name(precision), evaluate_set(sets[i], transcriber, evaluating)});
      done_sec += sets[i].seconds();
    }
  }
  line.clear();
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const RunComparison comparison = compare_runs(runs[i]);
    if (options.json) {
      json.push_back(comparison_json(comparison));
    } else {
      fmt::print("{}{}", i > 0 ? "\n" : "", comparison_markdown(comparison));
    }
  }
  if (options.json) fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kExitDone;
}

}  // namespace yourmt3::cli
