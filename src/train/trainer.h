#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/log.h"
#include "train/peers.h"
#include "train/train_config.h"

namespace yourmt3 {

/// How a run gets on.
struct TrainingProgress {
  std::int64_t step = 0;     ///< Updates done.
  double done = 0;           ///< Share of the schedule, 0 to 1.
  double loss = 0;           ///< Mean over the last run.log_steps updates, nats per token.
  double steps_per_sec = 0;  ///< Of the same updates.
  double seconds_left = 0;   ///< At the speed so far.
};

/// What a run does besides its configuration.
struct TrainerOptions {
  std::filesystem::path folder;      ///< Where everything that the run writes goes.
  bool resume = false;               ///< Go on from the folder's checkpoint.
  std::filesystem::path init_model;  ///< Weights to begin with; empty for fresh ones.
  std::int64_t max_steps = 0;        ///< Stop after this many updates in this sitting; 0 for no limit.
  PeerPlace place;                   ///< Among the processes that share the run and its folder.
  std::function<void(const TrainingProgress&)> on_progress = {};
};

/// Runs training until its schedule ends or `stop` becomes true; either way the last state is saved.
///
/// Writes into the folder: config.json, metrics.jsonl (one object per line), an event file for TensorBoard,
/// checkpoint.safetensors (to resume), model.safetensors (for inference), best/ (models with the best scores). Throws
/// Error(kInvalidArgument) when the folder already holds a checkpoint and `resume` is off, Error(kMalformed) when the
/// loss is no longer a number or diverges, and Error(kIo) when another process of the run is gone; the last good
/// checkpoint stays.
void train(const TrainConfig& config, const std::string& config_json, const TrainerOptions& options,
           const std::atomic<bool>& stop, const LogSink& log);

}  // namespace yourmt3
