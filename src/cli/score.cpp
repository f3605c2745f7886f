#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/score_metrics.h"
#include "cli/score_pairs.h"
#include "cli/score_reports.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "eval/class_sets.h"
#include "eval/track_metrics.h"
#include "eval/transcription_scores.h"
#include "score/note_file.h"
#include "score/note_ops.h"

namespace yourmt3::cli {
namespace {

struct ScoreOptions {
  std::string reference, estimate;
  double onset_tolerance_sec = 0.05;
  std::string classes = "GM_INSTR_CLASS_PLUS";
  std::string drums;  // Empty: that of the kind of scores.
  bool reference_metrics = false;
  bool mir_eval = false;
  BootstrapOptions bootstrap;
  bool json = false;
  bool csv = false;
};

// What `judge` makes of each pair; what cannot be judged is named on stderr and added to `n_failed`.
template <class Scored, class Judge>
std::vector<Scored> judge_all(const ScorePairs& found, int& n_failed, const Judge& judge) {
  std::vector<Scored> scored;
  for (const ScorePair& pair : found.pairs) {
    try {
      scored.push_back(judge(pair));
    } catch (const Error& error) {
      if (!found.of_folders) throw;
      fmt::print(stderr, "yourmt3: {}: {}\n", pair.name, error.what());
      ++n_failed;
    }
  }
  return scored;
}

void print_reports(const ScorePairs& found, const ScoreOptions& options, int& n_failed) {
  ScoreReportOptions how{.onset_tolerance_sec = options.onset_tolerance_sec, .classes = &class_set(options.classes)};
  if (!options.drums.empty()) how.drums = &drum_vocabulary(options.drums);
  const auto scored = judge_all<ScoredPair>(found, n_failed, [&](const ScorePair& pair) {
    const std::vector<Note> r = read_note_file(pair.reference);
    const std::vector<Note> e = read_note_file(pair.estimate);
    ScoredPair result{pair.name, score_notes(r, e, how), analyse_notes(r, e, how)};
    result.analysis.velocity =
        score_velocities(read_note_file_with_velocity(pair.reference), read_note_file_with_velocity(pair.estimate),
                         {.onset_tolerance_sec = options.onset_tolerance_sec});
    return result;
  });
  if (scored.empty()) return;
  std::string text;
  if (options.csv) {
    text = pairs_csv(scored, found.of_folders, options.bootstrap);
  } else if (found.of_folders) {
    text = options.json ? many_pairs_json(scored, options.bootstrap) : many_pairs_text(scored, options.bootstrap);
  } else {
    text = options.json ? one_pair_json(scored[0], options.bootstrap) : one_pair_text(scored[0], options.bootstrap);
  }
  fmt::print("{}", text);
}

void print_metrics(std::span<const MetricList> lists, const std::vector<MetricValue>& mean, bool of_folders,
                   const ScoreOptions& options) {
  if (lists.empty()) return;
  const std::vector<MetricValue>* mean_or_none = of_folders ? &mean : nullptr;
  if (options.csv) {
    fmt::print("{}", metrics_csv(lists, mean_or_none));
  } else if (options.json) {
    fmt::print("{}", metrics_json(lists, mean_or_none));
  } else {
    if (of_folders) fmt::print("means of {} files\n", lists.size());
    fmt::print("{}", metrics_text(of_folders ? mean : lists.front().values));
  }
}

// As the notes of prepared sets: without those that have no onset, and none without length.
std::vector<Note> read_valid_notes(const std::filesystem::path& path) {
  std::vector<Note> notes = read_note_file(path);
  validate_notes(notes);
  return notes;
}

void print_reference_metrics(const ScorePairs& found, const ScoreOptions& options, int& n_failed) {
  TrackMetricOptions how;
  how.classes = &class_set(options.classes);
  how.drums = &drum_vocabulary(options.drums.empty() ? "ksh" : options.drums);
  how.onset_tolerance_sec = options.onset_tolerance_sec;
  MetricAverage average;
  const auto lists = judge_all<MetricList>(found, n_failed, [&](const ScorePair& pair) {
    const TrackMetrics metrics =
        compute_track_metrics(read_valid_notes(pair.reference), read_valid_notes(pair.estimate), how);
    average.add(metrics);
    return MetricList{pair.name, metric_values(metrics)};
  });
  print_metrics(lists, metric_values(average.result()), found.of_folders, options);
}

void print_mir_eval(const ScorePairs& found, const ScoreOptions& options, int& n_failed) {
  const ProgramVocabulary& classes = class_set(options.classes);
  const auto lists = judge_all<MetricList>(found, n_failed, [&](const ScorePair& pair) {
    const auto tracks = score_tracks(read_note_file(pair.reference), read_note_file(pair.estimate), classes,
                                     {.onset_tolerance_sec = options.onset_tolerance_sec});
    return MetricList{pair.name, metric_values(tracks)};
  });
  print_metrics(lists, mean_values(lists), found.of_folders, options);
}

int score(const ScoreOptions& options) {
  if (options.mir_eval && !options.drums.empty()) {
    throw UsageError("--drums does not go with --mir-eval, which compares drums by their keys");
  }
  const ScorePairs found = find_score_pairs(options.reference, options.estimate);
  for (const std::string& problem : found.problems) fmt::print(stderr, "yourmt3: {}\n", problem);
  int n_failed = static_cast<int>(found.problems.size());
  if (options.mir_eval) {
    print_mir_eval(found, options, n_failed);
  } else if (options.reference_metrics) {
    print_reference_metrics(found, options, n_failed);
  } else {
    print_reports(found, options, n_failed);
  }
  return n_failed == 0 ? kExitDone : kExitFailed;
}

}  // namespace

void add_score_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("score", "Compare transcriptions with references");
  auto options = std::make_shared<ScoreOptions>();
  verb->add_option("REF", options->reference, "Reference notes (.mid, .json, .csv), or a folder of them")->required();
  verb->add_option("EST", options->estimate, "Transcribed notes, or a folder with the same names")->required();
  verb->add_option("--onset-tolerance,--tolerance", options->onset_tolerance_sec, "Seconds")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 10.0));
  std::vector<std::string> sets(class_set_names().begin(), class_set_names().end());
  verb->add_option("--classes", options->classes, "Instruments by which notes are told apart")
      ->capture_default_str()
      ->check(CLI::IsMember(sets));
  verb->add_option("--drums", options->drums, "Drums by which they are [gm; for --reference-metrics ksh]")
      ->check(CLI::IsMember({"gm", "egmd", "enst", "ksh", "kshr"}));
  auto* reference_metrics = verb->add_flag("--reference-metrics", options->reference_metrics,
                                           "The metrics of the published evaluation: onset_f, multi_f, ...");
  verb->add_flag("--mir-eval", options->mir_eval,
                 "What mir_eval's transcription and multipitch give, by instrument and for all pitched notes")
      ->excludes(reference_metrics);
  verb->add_option("--resamples", options->bootstrap.n_resamples, "Bootstrap resamples for intervals of F1")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  verb->add_option("--seed", options->bootstrap.seed, "For the resamples")->capture_default_str();
  auto* json = verb->add_flag("--json", options->json, "Print JSON");
  verb->add_flag("--csv", options->csv, "Print comma-separated values, one score a line")->excludes(json);
  verb->footer(
      "Of two folders, files with the same path below them (whatever the extension) are compared; a file without a\n"
      "partner and one that cannot be read are named, the rest is scored, and the exit status is 1.\n\n"
      "Examples:\n"
      "  yourmt3 score reference.mid song.mid --json\n"
      "  yourmt3 score references/ transcriptions/ --csv > scores.csv\n"
      "  yourmt3 score references/ transcriptions/ --reference-metrics --classes GM_INSTR_CLASS");
  verb->callback([options, &invocation] { invocation.action = [options] { return score(*options); }; });
}

}  // namespace yourmt3::cli
