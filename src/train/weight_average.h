#pragma once

#include <cstdint>
#include <vector>

#include "train/optimizer.h"

namespace yourmt3 {

/// Exponential moving average of weights, which often validates better than the last weights do.
///
/// Averages what is trained; running statistics of batch norms are those of the last update.
class WeightAverage {
 public:
  /// `decay` in [0, 1) is the share of the past in one update; early on it is smaller, (1 + n) / (10 + n), so that the
  /// initial weights are soon forgotten. Throws Error(kInvalidArgument) for a decay out of range.
  WeightAverage(std::vector<NamedParameter> parameters, double decay);

  /// Takes the weights of now into the average; to be called after every update.
  void update();

  /// Exchanges averages and weights: once to validate or write a model, once more to train on.
  void swap();

  /// What a checkpoint keeps: the averages, under the names of the parameters, and the number of updates.
  std::vector<NamedParameter>& averages() { return averages_; }
  const std::vector<NamedParameter>& averages() const { return averages_; }
  std::int64_t updates() const { return updates_; }
  void set_updates(std::int64_t updates) { updates_ = updates; }

 private:
  std::vector<NamedParameter> parameters_, averages_;
  double decay_;
  std::int64_t updates_ = 0;
};

}  // namespace yourmt3
