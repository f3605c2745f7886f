#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "torchnet/network.h"
#include "train/optimizer.h"
#include "train/weight_average.h"

namespace yourmt3 {

/// Where a run stands; with weights and moments this is all that it takes to go on.
struct RunState {
  std::int64_t step = 0;          ///< Updates done.
  std::int64_t segments = 0;      ///< Segments learned from.
  double elapsed_sec = 0;         ///< Time spent training, over all sittings.
  std::uint64_t group = 0;        ///< Group of batches that is being worked through.
  std::uint64_t group_batch = 0;  ///< Batches of it that are done.
  int group_phase = 0;            ///< Phase that the group was drawn for.
};

/// Writes weights, the optimizer's state, the run's, and the averages if there are any, as one safetensors file, whole
/// or not at all. `config_json` is kept with it.
void save_checkpoint(const std::filesystem::path& path, const Network& network, const Optimizer& optimizer,
                     const RunState& state, const std::string& config_json, const WeightAverage* average = nullptr);

/// Fills network, optimizer and averages, which must be built for the same configuration, and returns the state. Throws
/// Error(kMalformed) naming a tensor that is missing, as after a change of the kind of optimizer.
RunState load_checkpoint(const std::filesystem::path& path, Network& network, Optimizer& optimizer,
                         WeightAverage* average = nullptr);

/// Writes the weights for inference as float16 safetensors with the configuration in its metadata; `provenance` is
/// added to it.
void export_model(const std::filesystem::path& path, const Network& network,
                  const std::map<std::string, std::string>& provenance);

}  // namespace yourmt3
