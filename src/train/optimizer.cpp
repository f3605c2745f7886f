#include "train/optimizer.h"

#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

namespace yourmt3 {
namespace {

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

}  // namespace

double gradient_norm(std::span<const at::Tensor> gradients) {
  double sum = 0;
  for (const at::Tensor& gradient : gradients) {
    if (!gradient.defined()) continue;
    const at::Tensor dense = gradient.contiguous();
    sum += sum_of_squares(dense.data_ptr<float>(), dense.numel());
  }
  return std::sqrt(sum);
}

Optimizer::Optimizer(std::vector<at::Tensor> parameters, const OptimizerOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const at::Tensor& parameter : parameters_) {
    states_.push_back({0, at::zeros_like(parameter.detach()), at::zeros_like(parameter.detach())});
  }
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
  State& state = states_[index];
  const std::int64_t count = parameters_[index].numel();
  const at::Tensor dense = gradient.contiguous();
  float* p = parameters_[index].data_ptr<float>();
  float* m = state.first.data_ptr<float>();
  float* v = state.second.data_ptr<float>();
  const float* g = dense.data_ptr<float>();
  ++state.step;

  const bool scaled = options_.kind == OptimizerOptions::Kind::kAdamWScale;
  const double correction1 = 1 - std::pow(options_.beta1, static_cast<double>(state.step));
  const double correction2 = 1 - std::pow(options_.beta2, static_cast<double>(state.step));
  const double decay = parameters_[index].dim() >= 2 || options_.decay_vectors ? lr * options_.weight_decay : 0;

  double rate = lr;
  double root_scale = 1;  // Factor of sqrt(v) under the fraction.
  if (scaled) {
    // As the reference: eps is added to the root as it is, and the correction goes into the rate.
    if (options_.correct_bias) rate *= std::sqrt(correction2) / correction1;
    rate *= std::max(1e-3, std::sqrt(sum_of_squares(p, count) / static_cast<double>(count)));
  } else {
    rate /= correction1;
    root_scale = 1 / std::sqrt(correction2);
  }

  const auto b1 = static_cast<float>(options_.beta1), b2 = static_cast<float>(options_.beta2);
  const auto c1 = static_cast<float>(1 - options_.beta1), c2 = static_cast<float>(1 - options_.beta2);
  const auto eps = static_cast<float>(options_.eps), scale = static_cast<float>(gradient_scale);
  const auto a = static_cast<float>(rate), root = static_cast<float>(root_scale);
  // AdamW decays first, AdamWScale last; both with the rate before any scaling.
  const auto keep_first = static_cast<float>(scaled ? 1 : 1 - decay);
  const auto keep_last = static_cast<float>(scaled ? 1 - decay : 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const float x = g[i] * scale;
    m[i] = b1 * m[i] + c1 * x;
    v[i] = b2 * v[i] + c2 * x * x;
    p[i] = (p[i] * keep_first - a * m[i] / (std::sqrt(v[i]) * root + eps)) * keep_last;
  }
}

}  // namespace yourmt3
