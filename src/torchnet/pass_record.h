#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace yourmt3 {

class ParameterNode;

/// How a mixture of experts shared out the positions of one forward pass.
struct ExpertLoad {
  std::string layer;   ///< Path of the layer in the state dict.
  at::Tensor counts;   ///< (E) int64: positions that each of the E experts got; top_k for every position.
  at::Tensor balance;  ///< E sum_e share_e probability_e, with a gradient; 1 when both are even, E when all go to one.
};

/// Mean and unbiased variance of each channel that a batch norm saw in training.
struct BatchStatistics {
  const ParameterNode* layer;
  at::Tensor mean, variance;  ///< (C), no gradient.
  std::int64_t count;         ///< Values of one channel.
};

/// What the layers of one forward pass tell beside their result, in the order in which they ran. One record belongs to
/// one pass: threads that share a network have a record each.
struct PassRecord {
  std::vector<ExpertLoad> experts;
  std::vector<BatchStatistics> statistics;

  /// The mean of the layers' balances, to be added to the loss with a weight such as 0.01; undefined without experts.
  /// Source: Fedus et al. 2022, "Switch Transformers", eq. 4.
  at::Tensor balance_loss() const;
};

/// Moves the running statistics of the batch norms towards those of a batch that was dealt out to several passes: their
/// statistics are pooled, so that the result is that of one pass over all, whatever the order of the threads.
void update_running_statistics(std::span<const PassRecord> records);

}  // namespace yourmt3
