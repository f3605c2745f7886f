#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

#include "train/optimizer_options.h"

namespace yourmt3 {

/// What an optimizer remembers of one parameter.
struct ParameterState {
  std::int64_t step = 0;  ///< Updates it has seen.
  /// "first" and "second" moments shaped like the parameter; Adafactor has "second" for a vector, and for anything else
  /// its means over the last axis ("row") and over the one before it ("column").
  std::map<std::string, at::Tensor> tensors;
};

/// One parameter's share of an update.
struct UpdateRule {
  const OptimizerOptions& options;
  double lr = 0;
  double weight_decay = 0;
  double gradient_scale = 1;
};

/// State before the first update, zeros on the parameter's device.
ParameterState initial_state(const at::Tensor& parameter, OptimizerOptions::Kind kind);

/// Rate that Adafactor takes for its update number `step`, counted from 1, when it has none of the schedule.
double relative_step_size(std::int64_t step, bool warmup_init);

/// AdamW and AdamWScale as plain loops over contiguous float32 tensors on the CPU: one pass over memory, no waiting
/// between operations. `state.step` has been raised before.
void update_with_loops(const UpdateRule& rule, at::Tensor parameter, const at::Tensor& gradient, ParameterState& state);

/// All kinds as tensor operations, on any device and without waiting for it.
void update_with_operations(const UpdateRule& rule, at::Tensor parameter, const at::Tensor& gradient,
                            ParameterState& state);

/// Sum of squares of float32 values, in float64 between stretches.
double sum_of_squares(const float* values, std::int64_t count);

}  // namespace yourmt3
