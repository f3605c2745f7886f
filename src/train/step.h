#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "torchnet/cpu_kernels.h"
#include "torchnet/network.h"
#include "train/batch.h"
#include "train/onset_score.h"
#include "train/peers.h"
#include "train/train_config.h"
#include "train/worker_team.h"

namespace yourmt3 {

/// Losses of one or more batches and the figures that show whether the network learns.
struct StepReport {
  double token_loss = 0;      ///< Sum of cross entropies, nats.
  double auxiliary_loss = 0;  ///< Sum over frames.
  double guided_loss = 0;     ///< Sum over places and layers.
  std::int64_t tokens = 0, frames = 0, guided_places = 0;
  double attention_mass = 0;  ///< Sum over places and layers.
  std::int64_t segments = 0;
  OnsetScore pitch_onsets, drum_onsets;  ///< Of the auxiliary head; counted only when asked for.
  /// Of each layer with experts: positions that each expert got.
  std::map<std::string, std::vector<std::int64_t>> expert_loads;

  StepReport& operator+=(const StepReport& other);
  /// Adds up over all processes.
  void sum(const Peers& peers);
  double mean_token_loss() const { return ratio(token_loss, tokens); }
  double mean_auxiliary_loss() const { return ratio(auxiliary_loss, frames); }
  double mean_guided_loss() const { return ratio(guided_loss, guided_places); }
  double mean_attention_mass() const { return ratio(attention_mass, guided_places); }

 private:
  static double ratio(double sum, std::int64_t count) { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

/// Forward and backward passes of one batch, shared out among the workers of a team.
class TrainingStep {
 public:
  /// With `bf16` products are in bfloat16: on GPUs with what flows between them, on processors alone, and only on those
  /// that multiply pairs of them.
  TrainingStep(const Network& network, const LossOptions& loss, bool bf16);

  struct Options {
    std::uint64_t seed = 0;     ///< Of dropout.
    bool score_onsets = false;  ///< Count the hits of the auxiliary head, which takes a moment.
  };

  /// Gradients of the batch's loss with respect to the network's trained parameters, in their order; undefined where a
  /// parameter has no part in it. Each shard is stacked examples. The loss is a mean over the tokens, frames and places
  /// of all shards of all peers together, so the result does not depend on how they were dealt out, up to rounding.
  /// The report is that of this process.
  StepReport gradients(std::span<const Batch> shards, WorkerTeam& team, const Peers& peers, const Options& options,
                       std::vector<at::Tensor>& gradients) const;

  /// The losses alone, without dropout.
  StepReport evaluate(std::span<const Batch> shards, WorkerTeam& team) const;

  /// Segments whose every sequence the network writes just as the labels have it, by greedy decoding.
  std::int64_t count_exact(std::span<const Batch> shards, WorkerTeam& team) const;

 private:
  struct Weights {
    double token, auxiliary, guided;
  };
  /// Returns the weighted loss of a shard and adds its parts to `report`.
  at::Tensor forward(const Batch& shard, const Pass& pass, const Weights& weights, bool score_onsets,
                     StepReport& report) const;

  const Network& network_;
  LossOptions loss_;
  at::ScalarType compute_ = at::kFloat;
  std::optional<cpu_kernels::RoundedProducts> rounded_products_;
  std::vector<at::Tensor> parameters_;
};

}  // namespace yourmt3
