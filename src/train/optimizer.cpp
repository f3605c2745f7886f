#include "train/optimizer.h"

#include <ATen/ops/stack.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "core/name_pattern.h"

namespace yourmt3 {
namespace {

bool loops_apply(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

/// A pattern that fits nothing is a misspelt one.
void require_matches(const std::vector<std::string>& patterns, const std::vector<NamedParameter>& parameters,
                     const char* field) {
  for (const std::string& pattern : patterns) {
    const bool found = std::any_of(parameters.begin(), parameters.end(), [&](const NamedParameter& parameter) {
      return matches_pattern(parameter.name, pattern);
    });
    if (!found) fail(ErrorCode::kInvalidArgument, "'{}': no trained parameter fits '{}'", field, pattern);
  }
}

}  // namespace

double gradient_norm(std::span<const at::Tensor> gradients) {
  double sum = 0;
  std::vector<at::Tensor> elsewhere;
  for (const at::Tensor& gradient : gradients) {
    if (!gradient.defined()) continue;
    if (gradient.is_cpu() && gradient.scalar_type() == at::kFloat) {
      const at::Tensor dense = gradient.contiguous();
      sum += sum_of_squares(dense.data_ptr<float>(), dense.numel());
    } else {
      elsewhere.push_back(gradient.detach().norm().to(at::kFloat));
    }
  }
  if (!elsewhere.empty()) sum += std::pow(at::stack(elsewhere).norm().item<double>(), 2);
  return std::sqrt(sum);
}

Optimizer::Optimizer(std::vector<NamedParameter> parameters, const OptimizerOptions& options, Path path)
    : parameters_(std::move(parameters)), options_(options), path_(path) {
  require_matches(options_.no_decay, parameters_, "optimizer.no_decay");
  for (const ParameterGroup& group : options_.groups) require_matches(group.names, parameters_, "optimizer.groups");
  for (const NamedParameter& parameter : parameters_) {
    states_.push_back(initial_state(parameter.tensor, options_.kind));
    factors_.push_back(factors_of(parameter));
  }
}

Optimizer::Factors Optimizer::factors_of(const NamedParameter& parameter) const {
  Factors factors = {1, options_.weight_decay};
  for (const ParameterGroup& group : options_.groups) {
    if (!matches_any(parameter.name, group.names)) continue;
    factors = {group.lr_scale, group.weight_decay.value_or(options_.weight_decay)};
    break;
  }
  const bool is_vector = parameter.tensor.dim() < 2;
  if ((is_vector && !options_.decay_vectors) || matches_any(parameter.name, options_.no_decay)) {
    factors.weight_decay = 0;
  }
  return factors;
}

void Optimizer::step(std::span<const at::Tensor> gradients, double lr, double gradient_scale, WorkerTeam& team) {
  team.run([&](int worker) {
    for (std::size_t i = static_cast<std::size_t>(worker); i < parameters_.size();
         i += static_cast<std::size_t>(team.size())) {
      if (gradients[i].defined()) update(i, gradients[i], lr, gradient_scale);
    }
  });
}

void Optimizer::update(std::size_t index, const at::Tensor& gradient, double lr, double gradient_scale) {
  const at::Tensor& parameter = parameters_[index].tensor;
  const bool relative = options_.kind == OptimizerOptions::Kind::kAdafactor && options_.relative_step;
  const UpdateRule rule = {options_, (relative ? 1 : lr) * factors_[index].lr_scale, factors_[index].weight_decay,
                           gradient_scale};
  ++states_[index].step;
  if (path_ == Path::kLoopsWherePossible && options_.kind != OptimizerOptions::Kind::kAdafactor &&
      loops_apply(parameter)) {
    update_with_loops(rule, parameter, gradient, states_[index]);
  } else {
    update_with_operations(rule, parameter, gradient, states_[index]);
  }
}

}  // namespace yourmt3
