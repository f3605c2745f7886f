#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {

/// Random numbers that are the same with every compiler and library: a SplitMix64 generator and plain formulas.
///
/// Two streams of one seed are independent, so that item i of a data set can be made without items 0 to i-1.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(mix(seed) ^ mix(stream + 0x632be59bd9b4e019ull)) {}

  std::uint64_t bits() { return mix(state_ += kGolden); }

  /// In [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Both ends are possible; low <= high.
  int integer(int low, int high) {
    YOURMT3_ASSERT(low <= high);
    return low + static_cast<int>(bits() % static_cast<std::uint64_t>(static_cast<std::int64_t>(high) - low + 1));
  }
  std::size_t index(std::size_t count) {
    YOURMT3_ASSERT(count > 0);
    return static_cast<std::size_t>(bits() % count);
  }
  bool chance(double probability) { return uniform() < probability; }

  /// Mean 0, standard deviation 1 (Box-Muller).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

  /// An element, each as likely as the others.
  template <class Container>
  const auto& pick(const Container& items) {
    return items[index(std::size(items))];
  }

  /// Index i with probability weights[i] / sum; the sum is positive.
  std::size_t weighted(std::span<const double> weights) {
    double total = 0;
    for (const double weight : weights) total += weight;
    double left = uniform() * total;
    for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
      left -= weights[i];
      if (left < 0) return i;
    }
    return weights.size() - 1;
  }

  template <class Container>
  void shuffle(Container& items) {
    for (std::size_t i = std::size(items); i > 1; --i) std::swap(items[i - 1], items[index(i)]);
  }

 private:
  static constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ull;
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
    return value ^ (value >> 31);
  }
  std::uint64_t state_;
};

}  // namespace yourmt3
