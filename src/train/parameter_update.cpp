#include "train/parameter_update.h"

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

namespace yourmt3 {
namespace {

using Kind = OptimizerOptions::Kind;

/// The scalars of AdamW and AdamWScale for one parameter and one update.
struct AdamFactors {
  double rate = 0;        ///< Of m / (sqrt(v) root_scale + eps), before the size of the tensor.
  double root_scale = 1;  ///< Of sqrt(v).
  double keep_first = 1;  ///< Share of the parameter that stays before the step,
  double keep_last = 1;   ///< and after it.
};

AdamFactors adam_factors(const UpdateRule& rule, std::int64_t step) {
  const OptimizerOptions& options = rule.options;
  const double correction1 = 1 - std::pow(options.beta1, static_cast<double>(step));
  const double correction2 = 1 - std::pow(options.beta2, static_cast<double>(step));
  const double decay = rule.lr * rule.weight_decay;
  AdamFactors factors;
  factors.rate = rule.lr;
  // AdamW decays first, AdamWScale last; both with the rate before any scaling.
  if (options.kind == Kind::kAdamWScale) {
    // As the reference: eps is added to the root as it is, and the correction goes into the rate.
    if (options.correct_bias) factors.rate *= std::sqrt(correction2) / correction1;
    factors.keep_last = 1 - decay;
  } else {
    factors.rate /= correction1;
    factors.root_scale = 1 / std::sqrt(correction2);
    factors.keep_first = 1 - decay;
  }
  return factors;
}

constexpr double kLeastScale = 1e-3;  // Of AdamWScale: what a tensor of zeros moves by.

at::Tensor root_mean_square(const at::Tensor& tensor) {
  return tensor.norm().div(std::sqrt(static_cast<double>(tensor.numel())));
}

void adam_with_operations(const UpdateRule& rule, at::Tensor& parameter, const at::Tensor& gradient,
                          ParameterState& state) {
  const OptimizerOptions& options = rule.options;
  const AdamFactors factors = adam_factors(rule, state.step);
  at::Tensor& first = state.tensors.at("first");
  at::Tensor& second = state.tensors.at("second");
  first.mul_(options.beta1).add_(gradient, 1 - options.beta1);
  second.mul_(options.beta2).addcmul_(gradient, gradient, 1 - options.beta2);
  at::Tensor move = first / second.sqrt().mul_(factors.root_scale).add_(options.eps);
  move.mul_(factors.rate);
  if (options.kind == Kind::kAdamWScale) move.mul_(root_mean_square(parameter).clamp_min_(kLeastScale));
  if (factors.keep_first != 1) parameter.mul_(factors.keep_first);
  parameter.sub_(move);
  if (factors.keep_last != 1) parameter.mul_(factors.keep_last);
}

/// Source: Shazeer and Stern 2018, algorithms 4 and 5, in the arrangement of the reference's library: eps is added to
/// the squares before they are averaged, and nothing corrects the bias since the first weight of the past is zero.
void adafactor_with_operations(const UpdateRule& rule, at::Tensor& parameter, const at::Tensor& gradient,
                               ParameterState& state) {
  const OptimizerOptions& options = rule.options;
  const double keep = 1 - std::pow(static_cast<double>(state.step), options.decay_rate);
  const at::Tensor squares = gradient.square().add_(options.squared_eps);
  at::Tensor move;
  if (parameter.dim() >= 2) {
    at::Tensor& row = state.tensors.at("row");
    at::Tensor& column = state.tensors.at("column");
    row.mul_(keep).add_(squares.mean(-1), 1 - keep);
    column.mul_(keep).add_(squares.mean(-2), 1 - keep);
    // Roots before the product, which could fall below the smallest float.
    move = gradient * (row / row.mean(-1, true)).rsqrt_().unsqueeze(-1);
    move.mul_(column.rsqrt().unsqueeze(-2));
  } else {
    at::Tensor& second = state.tensors.at("second");
    second.mul_(keep).add_(squares, 1 - keep);
    move = gradient * second.rsqrt();
  }
  const double lr = options.relative_step ? relative_step_size(state.step, options.warmup_init) * rule.lr : rule.lr;
  move.div_((root_mean_square(move) / options.clip_threshold).clamp_min_(1)).mul_(lr);
  if (options.scale_parameter) {
    const at::Tensor size = root_mean_square(parameter).clamp_min_(options.parameter_floor);
    if (rule.weight_decay != 0) parameter.mul_(1 - size * (lr * rule.weight_decay));
    move.mul_(size);
  } else if (rule.weight_decay != 0) {
    parameter.mul_(1 - lr * rule.weight_decay);
  }
  parameter.sub_(move);
}

}  // namespace

double sum_of_squares(const float* values, std::int64_t count) {
  // Sixteen partial sums in float32 of short stretches, gathered in float64: fast and exact enough for any size.
  constexpr std::int64_t kStretch = 4096;
  double total = 0;
  for (std::int64_t begin = 0; begin < count; begin += kStretch) {
    const std::int64_t end = std::min(begin + kStretch, count);
    float sums[16] = {};
    std::int64_t i = begin;
    for (; i + 16 <= end; i += 16) {
      for (int k = 0; k < 16; ++k) sums[k] += values[i + k] * values[i + k];
    }
    for (; i < end; ++i) sums[0] += values[i] * values[i];
    for (const float part : sums) total += part;
  }
  return total;
}

ParameterState initial_state(const at::Tensor& parameter, Kind kind) {
  const at::Tensor shape = parameter.detach();
  if (kind != Kind::kAdafactor) {
    return {0, {{"first", at::zeros_like(shape)}, {"second", at::zeros_like(shape)}}};
  }
  if (shape.dim() < 2) return {0, {{"second", at::zeros_like(shape)}}};
  std::vector<std::int64_t> row = shape.sizes().vec(), column = row;
  row.pop_back();
  column.erase(column.end() - 2);
  return {0, {{"row", at::zeros(row, shape.options())}, {"column", at::zeros(column, shape.options())}}};
}

double relative_step_size(std::int64_t step, bool warmup_init) {
  const auto t = static_cast<double>(step);
  return std::min(warmup_init ? 1e-6 * t : 1e-2, 1 / std::sqrt(t));
}

void update_with_loops(const UpdateRule& rule, at::Tensor parameter, const at::Tensor& gradient,
                       ParameterState& state) {
  const OptimizerOptions& options = rule.options;
  const AdamFactors factors = adam_factors(rule, state.step);
  const std::int64_t count = parameter.numel();
  const at::Tensor dense = gradient.contiguous();
  float* p = parameter.data_ptr<float>();
  float* m = state.tensors.at("first").data_ptr<float>();
  float* v = state.tensors.at("second").data_ptr<float>();
  const float* g = dense.data_ptr<float>();

  double rate = factors.rate;
  if (options.kind == Kind::kAdamWScale) {
    rate *= std::max(kLeastScale, std::sqrt(sum_of_squares(p, count) / static_cast<double>(count)));
  }
  const auto b1 = static_cast<float>(options.beta1), b2 = static_cast<float>(options.beta2);
  const auto c1 = static_cast<float>(1 - options.beta1), c2 = static_cast<float>(1 - options.beta2);
  const auto eps = static_cast<float>(options.eps), scale = static_cast<float>(rule.gradient_scale);
  const auto a = static_cast<float>(rate), root = static_cast<float>(factors.root_scale);
  const auto keep_first = static_cast<float>(factors.keep_first);
  const auto keep_last = static_cast<float>(factors.keep_last);
  for (std::int64_t i = 0; i < count; ++i) {
    const float x = g[i] * scale;
    m[i] = b1 * m[i] + c1 * x;
    v[i] = b2 * v[i] + c2 * x * x;
    p[i] = (p[i] * keep_first - a * m[i] / (std::sqrt(v[i]) * root + eps)) * keep_last;
  }
}

void update_with_operations(const UpdateRule& rule, at::Tensor parameter, const at::Tensor& gradient,
                            ParameterState& state) {
  at::Tensor values = parameter.detach();  // The same memory, outside of any graph of gradients.
  const at::Tensor scaled = rule.gradient_scale == 1 ? gradient.detach() : gradient.detach() * rule.gradient_scale;
  if (rule.options.kind == Kind::kAdafactor) {
    adafactor_with_operations(rule, values, scaled, state);
  } else {
    adam_with_operations(rule, values, scaled, state);
  }
}

}  // namespace yourmt3
