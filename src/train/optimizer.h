#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "train/train_config.h"
#include "train/worker_team.h"

namespace yourmt3 {

/// Global 2-norm of the gradients that are defined.
double gradient_norm(std::span<const at::Tensor> gradients);

/// AdamW, or AdamWScale: AdamW whose step is multiplied, tensor by tensor, by the root mean square of the tensor.
/// Float32 on the CPU; plain loops, because a few milliseconds per update count for small networks.
class Optimizer {
 public:
  /// What is remembered of one parameter.
  struct State {
    std::int64_t step = 0;     ///< Updates it has seen.
    at::Tensor first, second;  ///< Moments, shaped like the parameter.
  };

  /// `parameters` are updated in place by step().
  Optimizer(std::vector<at::Tensor> parameters, const OptimizerOptions& options);

  /// One update with gradients * gradient_scale. A gradient that is not defined leaves its parameter and state alone.
  void step(std::span<const at::Tensor> gradients, double lr, double gradient_scale, WorkerTeam& team);

  std::vector<State>& states() { return states_; }
  const std::vector<State>& states() const { return states_; }

 private:
  void update(std::size_t index, const at::Tensor& gradient, double lr, double gradient_scale);

  std::vector<at::Tensor> parameters_;
  std::vector<State> states_;
  OptimizerOptions options_;
};

}  // namespace yourmt3
