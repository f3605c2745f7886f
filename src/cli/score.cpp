#include <fmt/format.h>

#include <memory>

#include "cli/verb.h"
#include "eval/score_report.h"
#include "score/note_file.h"

namespace yourmt3::cli {
namespace {

struct ScoreOptions {
  std::string reference, estimate;
  double onset_tolerance_sec = 0.05;
  bool json = false;
};

void print_line(const std::string& name, const ScoreLine& line) {
  if (line.empty()) {
    fmt::print("{:<26} {:>7} {:>7} {:>7}   nothing on either side\n", name, "-", "-", "-");
    return;
  }
  fmt::print("{:<26} {:>7.3f} {:>7.3f} {:>7.3f} {:>9} {:>9} {:>9}\n", name, line.f1(), line.precision(), line.recall(),
             line.n_reference, line.n_estimate, line.n_matched);
}

void print_report(const ScoreReport& report) {
  fmt::print("{:<26} {:>7} {:>7} {:>7} {:>9} {:>9} {:>9}\n", "", "F1", "P", "R", "reference", "estimate", "matched");
  print_line("onset", report.onset);
  print_line("onset and offset", report.onset_offset);
  print_line("frame", report.frame);
  print_line("drum onset", report.drum_onset);
  print_line("multi", report.multi);
  print_line("multi onset", report.multi_onset);
  if (!report.instruments.empty()) fmt::print("\nonsets by instrument\n");
  for (const InstrumentScore& instrument : report.instruments) print_line("  " + instrument.name, instrument.onset);
  if (report.n_reference_unclassed + report.n_estimate_unclassed > 0) {
    fmt::print("\nof no instrument class: {} notes of the reference, {} of the estimate\n",
               report.n_reference_unclassed, report.n_estimate_unclassed);
  }
}

int score(const ScoreOptions& options) {
  const std::vector<Note> reference = read_note_file(options.reference);
  const std::vector<Note> estimate = read_note_file(options.estimate);
  const ScoreReport report = score_notes(reference, estimate, options.onset_tolerance_sec);
  if (options.json) {
    fmt::print("{}\n", to_json(report));
  } else {
    print_report(report);
  }
  return kExitDone;
}

}  // namespace

void add_score_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("score", "Compare a transcription with a reference");
  auto options = std::make_shared<ScoreOptions>();
  verb->add_option("REF", options->reference, "Reference notes (.mid, .json, .csv)")->required();
  verb->add_option("EST", options->estimate, "Transcribed notes (.mid, .json, .csv)")->required();
  verb->add_option("--onset-tolerance", options->onset_tolerance_sec, "Seconds")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 10.0));
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer("Example:\n  yourmt3 score reference.mid song.mid --json");
  verb->callback([options, &invocation] { invocation.action = [options] { return score(*options); }; });
}

}  // namespace yourmt3::cli
