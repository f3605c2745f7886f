#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace yourmt3 {

/// Parameters that are updated in a way of their own, for instance more slowly in fine-tuning.
struct ParameterGroup {
  std::vector<std::string> names;      ///< Patterns of names, see matches_pattern().
  double lr_scale = 1;                 ///< Times the rate of the schedule.
  std::optional<double> weight_decay;  ///< In place of OptimizerOptions::weight_decay.
};

struct OptimizerOptions {
  enum class Kind { kAdamW, kAdamWScale, kAdafactor };
  Kind kind = Kind::kAdamW;
  double beta1 = 0.9;                  ///< kAdamW, kAdamWScale.
  double beta2 = 0.98;                 ///< kAdamW, kAdamWScale.
  double eps = 1e-8;                   ///< kAdamW, kAdamWScale.
  bool correct_bias = true;            ///< kAdamWScale.
  double weight_decay = 0.01;          ///< Share of a weight that one update takes away, times the rate.
  bool decay_vectors = false;          ///< Apply the decay to tensors of one dimension (biases, norms) as well.
  std::vector<std::string> no_decay;   ///< Patterns of names that are never decayed, whatever their dimensions.
  std::vector<ParameterGroup> groups;  ///< A parameter belongs to the first one that it fits, if any.
  double clip_norm = 1;                ///< Of all gradients together; 0 for no limit.

  // kAdafactor. The defaults are those of the reference.
  bool relative_step = false;     ///< Take the rate from the number of updates, not from the schedule.
  bool warmup_init = true;        ///< With relative_step: begin at 1e-6 and rise by as much with each update.
  bool scale_parameter = true;    ///< Multiply the rate by the root mean square of the tensor.
  double clip_threshold = 1;      ///< Bound of the root mean square of one tensor's step before the rate.
  double decay_rate = -0.8;       ///< The second moments forget at 1 - t^decay_rate.
  double squared_eps = 1e-30;     ///< Added to squared gradients.
  double parameter_floor = 1e-3;  ///< Least root mean square for scale_parameter.
};

/// Reads the table "optimizer"; what is missing keeps its default. Throws Error(kMalformed) for an unknown field or a
/// wrong type and Error(kInvalidArgument) for a value out of range.
OptimizerOptions parse_optimizer(const nlohmann::json& json);

}  // namespace yourmt3
