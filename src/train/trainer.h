#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "core/log.h"
#include "train/train_config.h"

namespace yourmt3 {

/// What a run does besides its configuration.
struct TrainerOptions {
  std::filesystem::path folder;      ///< Where configuration, metrics, checkpoint and model go.
  bool resume = false;               ///< Go on from the folder's checkpoint.
  std::filesystem::path init_model;  ///< Weights to begin with; empty for fresh ones.
  std::int64_t max_steps = 0;        ///< Stop after this many updates in this sitting; 0 for no limit.
};

/// Runs training until its schedule ends or `stop` becomes true; either way the last state is saved.
///
/// Writes into the folder: config.json, metrics.jsonl (one object per line), checkpoint.safetensors (to resume) and
/// model.safetensors (for inference). Throws Error(kInvalidArgument) when the folder already holds a checkpoint and
/// `resume` is off, and Error(kMalformed) when the loss is no longer a number; the last good checkpoint stays.
void train(const TrainConfig& config, const std::string& config_json, const TrainerOptions& options,
           const std::atomic<bool>& stop, const LogSink& log);

}  // namespace yourmt3
