#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

#include "train/optimizer_options.h"
#include "train/parameter_update.h"
#include "train/worker_team.h"

namespace yourmt3 {

/// A tensor that is trained, by its name in the state dict.
struct NamedParameter {
  std::string name;
  at::Tensor tensor;
};

/// Global 2-norm of the gradients that are defined; those on another device are waited for once.
double gradient_norm(std::span<const at::Tensor> gradients);

/// AdamW, AdamWScale (AdamW whose step is multiplied, tensor by tensor, by the root mean square of the tensor) or
/// Adafactor, with rates and decay by groups of names.
///
/// A parameter is decayed unless it has one dimension (OptimizerOptions::decay_vectors turns that off) or fits
/// OptimizerOptions::no_decay. AdamW takes the decay before its step, AdamWScale after it, and both at the rate of the
/// schedule; Adafactor before its step, at the rate that the tensor is updated with.
class Optimizer {
 public:
  using State = ParameterState;
  /// Loops are for float32 on the CPU, where a few milliseconds per update count for small networks.
  enum class Path { kLoopsWherePossible, kOperations };

  /// `parameters` are updated in place by step(). Throws Error(kInvalidArgument) when a pattern of the options fits
  /// none of their names.
  Optimizer(std::vector<NamedParameter> parameters, const OptimizerOptions& options,
            Path path = Path::kLoopsWherePossible);

  /// One update with gradients * gradient_scale, in the order of parameters(). A gradient that is not defined leaves
  /// its parameter and state alone. `lr` is the schedule's; with relative_step only the groups' factors matter.
  void step(std::span<const at::Tensor> gradients, double lr, double gradient_scale, WorkerTeam& team);

  const std::vector<NamedParameter>& parameters() const { return parameters_; }
  std::vector<State>& states() { return states_; }
  const std::vector<State>& states() const { return states_; }

 private:
  struct Factors {
    double lr_scale = 1;
    double weight_decay = 0;
  };
  Factors factors_of(const NamedParameter& parameter) const;
  void update(std::size_t index, const at::Tensor& gradient, double lr, double gradient_scale);

  std::vector<NamedParameter> parameters_;
  std::vector<State> states_;
  std::vector<Factors> factors_;
  OptimizerOptions options_;
  Path path_;
};

}  // namespace yourmt3
