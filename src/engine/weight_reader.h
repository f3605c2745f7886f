#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "model/weights.h"

namespace yourmt3 {

/// Tensors below one prefix of the official names.
class WeightReader {
 public:
  WeightReader(const Weights& weights, std::string prefix) : weights_(&weights), prefix_(std::move(prefix)) {}

  WeightReader below(std::string_view name) const { return {*weights_, prefix_ + std::string(name)}; }
  bool has(std::string_view name) const { return weights_->tensors.contains(prefix_ + std::string(name)); }

  /// Throws Error(kMalformed) naming the tensor when it is missing or of another shape.
  std::vector<float> get(std::string_view name, std::initializer_list<int> shape) const {
    const std::vector<std::int64_t> wide(shape.begin(), shape.end());
    return weights_->f32(prefix_ + std::string(name), wide);
  }
  /// First dimension of a matrix that the configuration does not name; throws as get().
  int rows_of(std::string_view name, int columns) const {
    const auto found = weights_->tensors.find(prefix_ + std::string(name));
    const bool matrix = found != weights_->tensors.end() && found->second.shape.size() == 2;
    const int rows = matrix ? static_cast<int>(found->second.shape[0]) : 0;
    if (!matrix || found->second.shape[1] != columns) get(name, {rows, columns});
    return rows;
  }

 private:
  const Weights* weights_;
  std::string prefix_;
};

}  // namespace yourmt3
