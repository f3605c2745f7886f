#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/runner.h"
#include "settings/toml_json.h"
#include "train_cli/progress_text.h"
#include "train_cli/stop.h"
#include "train_cli/train_verb.h"

namespace yourmt3 {
namespace {

struct ExperimentVerbOptions {
  std::filesystem::path config, out;
  std::vector<std::string> settings;
  bool full = false;
  bool resume = false;
};

/// The call as a reader of the report would repeat it.
std::string command_text(const ExperimentVerbOptions& options) {
  std::string text =
      fmt::format("yourmt3 experiment {} --out {}", options.config.generic_string(), options.out.generic_string());
  if (options.full) text += " --full";
  for (const std::string& setting : options.settings) text += fmt::format(" --set '{}'", setting);
  return text;
}

int run(const ExperimentVerbOptions& options) {
  const Experiment experiment =
      parse_experiment(read_toml(options.config), options.config.stem().string(), options.config.parent_path(),
                       options.full ? "full" : "small", options.settings);
  ProgressText progress;
  RunnerOptions runner;
  runner.folder = options.out;
  runner.resume = options.resume;
  runner.command = command_text(options);
  runner.on_progress = [&](const std::string& name, const TrainingProgress& now) { progress.show(now, name); };
  const bool finished = run_experiment(experiment, runner, stop_requested(),
                                       [&](LogLevel, std::string_view text) { progress.say(text); });
  if (!finished) {
    progress.say("interrupted; --resume goes on");
    return stop_status();
  }
  fmt::print("{}\n", (options.out / "report.md").string());
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

void add_experiment_verb(CLI::App& app, TrainAction& action) {
  CLI::App* verb = app.add_subcommand("experiment", "Train and compare networks as a file says, and write a report");
  auto options = std::make_shared<ExperimentVerbOptions>();
  verb->add_option("EXPERIMENT", options->config, "Description (TOML), such as experiments/encoder.toml")->required();
  verb->add_option("--out", options->out, "Folder of the experiment: data, runs, report")->required();
  verb->add_flag("--full", options->full, "At the size of the published networks, instead of minutes on two cores");
  verb->add_flag("--resume", options->resume, "Go on with what the folder holds");
  verb->add_option("--set", options->settings,
                   "KEY=VALUE in place of the file's, such as base.schedule.total_steps=100; repeatable")
      ->take_all();
  verb->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace yourmt3
