#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "core/log.h"
#include "experiment/experiment_config.h"
#include "train/trainer.h"

namespace yourmt3 {

struct RunnerOptions {
  std::filesystem::path folder;  ///< Where everything that the experiment writes goes.
  bool resume = false;           ///< Go on with what the folder holds.
  std::string command;           ///< As it was called, for the report.
  std::function<void(const std::string& run, const TrainingProgress&)> on_progress = {};
};

/// Composes data, trains every variant with every seed, evaluates it, and writes the report. Returns false when `stop`
/// became true before the end: what is done is kept, and the rest is done with `resume`.
///
/// The folder holds experiment.json, data/NAME, runs/VARIANT-SEED (a run of the trainer, with results.json when it is
/// done), and at the end report.md, report.json and pictures, the text last. Throws Error(kInvalidArgument) when the
/// folder holds an experiment and `resume` is off, or another one, and whatever training and evaluation throw.
bool run_experiment(const Experiment& experiment, const RunnerOptions& options, const std::atomic<bool>& stop,
                    const LogSink& log);

}  // namespace yourmt3
