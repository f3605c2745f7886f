#include "engine/read_linear.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace yourmt3 {

Linear read_linear(const Arithmetic& arithmetic, const WeightReader& weights, int outputs, int inputs) {
  return {arithmetic, weights.get("weight", {outputs, inputs}), outputs, inputs, weights.get("bias", {outputs})};
}

Linear read_scaled_linear(const Arithmetic& arithmetic, const WeightReader& weights, int outputs, int inputs,
                          float gain, float offset) {
  std::vector<float> weight = weights.get("weight", {outputs, inputs}), bias = weights.get("bias", {outputs});
  for (std::size_t row = 0; row < bias.size(); ++row) {
    const auto first = weight.begin() + static_cast<std::ptrdiff_t>(row) * inputs;
    bias[row] += offset * static_cast<float>(std::accumulate(first, first + inputs, 0.0));
    std::for_each(first, first + inputs, [gain](float& w) { w *= gain; });
  }
  return {arithmetic, weight, outputs, inputs, bias};
}

}  // namespace yourmt3
