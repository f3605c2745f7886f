#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "cli/compare_precisions.h"
#include "cli/decoding_options.h"
#include "cli/interrupt.h"
#include "cli/precision_option.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "evaluate/evaluation_list.h"
#include "evaluate/report.h"
#include "evaluate/report_folder.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct EvaluateVerbOptions {
  EvaluationSet one;  ///< Of --data; what --sets adds to the sets of its file.
  std::string data, sets_file, data_root = ".", model, out = "evaluation";
  int n_threads = 0;
  Precision precision = Precision::kAuto;
  DecodingOptions decoding;
  std::vector<std::string> compared;  ///< Names of precisions.
  ReportOptions report;
  bool no_audio = false, json = false, quiet = false, verbose = false;
};

EvaluationList wanted_sets(const EvaluateVerbOptions& options) {
  if (options.data.empty() && options.sets_file.empty()) throw UsageError("give --data DIR or --sets FILE");
  EvaluationList list;
  if (!options.data.empty()) {
    list.sets = {options.one};
    list.sets.front().store = options.data;
    std::string& name = list.sets.front().name;
    if (name.empty()) name = fs::absolute(options.data).lexically_normal().filename().string();
    if (name.empty()) name = "data";
    list.title = name;
    return list;
  }
  list = read_evaluation_list(options.sets_file, options.data_root);
  if (list.title.empty()) list.title = fs::path(options.sets_file).stem().string();
  for (EvaluationSet& set : list.sets) {
    if (options.one.limit_tracks > 0) set.limit_tracks = options.one.limit_tracks;
    if (options.one.max_seconds > 0) set.max_seconds = options.one.max_seconds;
  }
  return list;
}

/// A line on standard error for a track that is done.
void print_track(const OpenedSet& set, const TrackResult& track) {
  std::string line = fmt::format("{}, {}:", set.set().name, track.item.track->info.id);
  for (const auto& [metric, heading] : kSummaryColumns) {
    const double value = score_of(track.metrics, std::string(metric));
    if (!std::isnan(value)) line += fmt::format(" {} {:.2f}", metric, 100 * value);
  }
  fmt::print(stderr, "{}\n", line);
}

void print_table(const EvaluationReport& report) {
  fmt::print("{:<32}", "");
  for (const auto& [metric, heading] : kSummaryColumns) fmt::print(" {:>16}", heading);
  fmt::print("\n");
  for (const SetResult& result : report.sets) {
    fmt::print("{:<32}", result.set.set().name);
    for (const auto& [metric, heading] : kSummaryColumns) {
      const double value = score_of(result.means, std::string(metric));
      fmt::print(" {:>16}", std::isnan(value)             ? "-"
                            : meaningless(result, metric) ? fmt::format("({:.2f})", 100 * value)
                                                          : fmt::format("{:.2f}", 100 * value));
    }
    fmt::print("\n");
  }
}

int evaluate(const EvaluateVerbOptions& options) {
  const std::vector<Precision> compared = parse_precisions(options.compared);
  const Transcriber::Decoding decoding = decoding_of(options.decoding);
  const EvaluationList list = wanted_sets(options);
  const fs::path model = find_model(options.model);
  catch_interrupts();
  std::vector<OpenedSet> sets;
  double total_sec = 0;
  std::size_t most_tracks = 1;
  for (const EvaluationSet& set : list.sets) {
    sets.emplace_back(set).require_tracks();
    total_sec += sets.back().seconds();
    most_tracks = std::max(most_tracks, sets.back().tracks().size());
  }
  const fs::path kept = fs::path(options.out) / "transcriptions";
  if (!compared.empty()) {
    return compare_precisions(sets, {compared, model, kept, decoding, options.n_threads, options.json, options.quiet});
  }

  // Tracks at a time instead of threads for one: decoding is a chain of small steps.
  const int n_threads = options.n_threads > 0 ? options.n_threads : available_processors();
  EvaluateOptions evaluating;
  evaluating.parallel_tracks =
      static_cast<int>(std::min<std::size_t>(most_tracks, static_cast<std::size_t>(n_threads)));
  const Transcriber transcriber(model, {.n_threads = std::max(1, n_threads / evaluating.parallel_tracks),
                                        .precision = options.precision,
                                        .decoding = decoding});
  const TranscriptionCache cache(kept, model, transcriber.precision(), decoding);
  evaluating.cache = &cache;
  // Before the work: better now than after the first track.
  std::error_code cannot;
  fs::create_directories(kept, cannot);
  if (cannot) fail(ErrorCode::kIo, "{}: {}; give another folder by --out", kept.string(), cannot.message());

  EvaluationReport report{list.title, model.string(), cache.model_hash(), {}};
  ProgressLine line("evaluate", !options.quiet);
  double done_sec = 0;
  try {
    for (const OpenedSet& set : sets) {
      evaluating.progress = [&](const Progress& progress) {
        line.update(done_sec + progress.done, total_sec);
        return !interrupted();
      };
      if (options.verbose) {
        evaluating.on_track = [&](const TrackResult& track) {
          line.clear();
          print_track(set, track);
        };
      }
      report.sets.push_back(evaluate_set(set, transcriber, evaluating));
      done_sec += set.seconds();
    }
  } catch (const Error& error) {
    line.clear();
    if (error.code() == ErrorCode::kCancelled && !options.quiet) {
      fmt::print(stderr, "yourmt3: what was heard is kept in {}; the same command goes on from there\n", options.out);
    }
    throw;
  }
  line.clear();
  write_report(report, options.out, options.report);
  if (options.json) {
    fmt::print("{}\n", report_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print_table(report);
  }
  if (!options.quiet) fmt::print(stderr, "report: {}\n", (fs::path(options.out) / "report.html").string());
  return kExitDone;
}

}  // namespace

void add_evaluate_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("evaluate", "Transcribe prepared data sets and report how well");
  auto options = std::make_shared<EvaluateVerbOptions>();
  EvaluationSet& one = options->one;
  constexpr const char* kOne = "One data set";
  CLI::Option* data = verb->add_option("--data", options->data, "Folder of a prepared data set")->group(kOne);
  const auto of_one = [&](CLI::Option* option) { return option->group(kOne)->needs(data); };
  of_one(verb->add_option("--split", one.split, "Split or list of its tracks; \"\" for all"))->capture_default_str();
  of_one(verb->add_option("--classes", one.classes, "Instrument classes, such as GM_INSTR_CLASS (default: none)"));
  of_one(verb->add_option("--drums", one.drums, "Drum classes: gm, egmd, enst, ksh, kshr (default: every key)"));
  of_one(verb->add_option("--pitch-class-for", one.pitch_class_for,
                          "Classes also scored with octaves folded, with commas"))
      ->delimiter(',');
  of_one(verb->add_option("--melody-for", one.melody_for, "Classes also scored as a melody, with commas"))
      ->delimiter(',');
  of_one(verb->add_flag("--score-unannotated", one.score_unannotated,
                        "Where some instruments are not annotated, count what is heard of them as wrong"));
  of_one(verb->add_option("--name", one.name, "Name in the report (default: that of the folder)"));

  constexpr const char* kSeveral = "Several data sets";
  CLI::Option* sets =
      verb->add_option("--sets", options->sets_file, "TOML file that lists them")->group(kSeveral)->excludes(data);
  verb->add_option("--data-root", options->data_root, "Folder that their stores are in")
      ->group(kSeveral)
      ->needs(sets)
      ->capture_default_str();

  constexpr const char* kReport = "Report";
  verb->add_option("-o,--out", options->out, "Folder of the report; work that was begun there goes on")
      ->group(kReport)
      ->capture_default_str();
  verb->add_option("--worst", options->report.n_worst, "Tracks of each set shown with notes and sound")
      ->group(kReport)
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  verb->add_flag("--no-audio", options->no_audio, "Leave sound out of the report")->group(kReport);

  verb->add_option("--limit-tracks", one.limit_tracks, "Only the first so many tracks of each set")
      ->check(CLI::Range(1, 1000000));
  verb->add_option("--max-seconds", one.max_seconds, "Only so many seconds of each track")
      ->check(CLI::Range(0.1, 86400.0));
  verb->add_option("--model", options->model,
                   "Model: a file, or a name that 'models' lists (default: YOURMT3_MODEL, else default)");
  verb->add_option("--threads", options->n_threads, "Threads (default: all processors)")->check(CLI::Range(0, 1024));
  CLI::Option* precision = add_precision_option(*verb, options->precision);
  add_decoding_options(*verb, options->decoding);
  verb->add_option("--compare-precisions", options->compared,
                   "Instead of a report: what each of f32,bf16,int8 hears, compared with the first named")
      ->delimiter(',')
      ->excludes(precision);
  verb->add_flag("--json", options->json, "Print report.json instead of a table");
  verb->add_flag("-q,--quiet", options->quiet, "Only errors on standard error");
  verb->add_flag("-v,--verbose", options->verbose, "The scores of each track on standard error");
  verb->footer(
      "Examples:\n"
      "  yourmt3 evaluate --data data/slakh --classes GM_INSTR_CLASS --drums ksh --name slakh\n"
      "  yourmt3 evaluate --sets configs/evaluation/all_eval_final.toml --out report\n"
      "  yourmt3 evaluate --data data/slakh --compare-precisions f32,bf16,int8");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      options->report.audio = !options->no_audio;
      return evaluate(*options);
    };
  });
}

}  // namespace yourmt3::cli
