#include "train/weight_average.h"

#include <algorithm>

#include "core/fail.h"

namespace yourmt3 {

WeightAverage::WeightAverage(std::vector<NamedParameter> parameters, double decay)
    : parameters_(std::move(parameters)), decay_(decay) {
  if (!(decay >= 0 && decay < 1)) fail(ErrorCode::kInvalidArgument, "a decay of {}, expected 0 to below 1", decay);
  for (NamedParameter& parameter : parameters_) {
    parameter.tensor = parameter.tensor.detach();  // The same memory, outside of any graph of gradients.
    averages_.push_back({parameter.name, parameter.tensor.clone()});
  }
}

void WeightAverage::update() {
  const auto n = static_cast<double>(updates_++);
  const double keep = std::min(decay_, (1 + n) / (10 + n));
  for (std::size_t i = 0; i < parameters_.size(); ++i) averages_[i].tensor.lerp_(parameters_[i].tensor, 1 - keep);
}

void WeightAverage::swap() {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor weights = parameters_[i].tensor.clone();
    parameters_[i].tensor.copy_(averages_[i].tensor);
    averages_[i].tensor.copy_(weights);
  }
}

}  // namespace yourmt3
