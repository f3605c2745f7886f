#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>

namespace yourmt3 {

struct BootstrapOptions {
  int n_resamples = 1000;
  double confidence = 0.95;  ///< Part of the resamples inside the interval; in (0, 1).
  std::uint64_t seed = 1;
};

struct Interval {
  double low = 0;
  double high = 0;
};

/// Percentile interval of a statistic of `n_units` independent things (files of a set, stretches of a song): they are
/// drawn with replacement as often as there are, `statistic` is asked for the value of the drawn indices, and the
/// interval holds the middle of the values. Values that are NaN are passed over; both ends are NaN when all are, and
/// for fewer than two units, which tell nothing of how units differ. The same on every machine for the same seed.
/// Throws Error(kInvalidArgument) for options out of range. Source: Efron and Tibshirani 1993, chapter 13.
Interval bootstrap_interval(std::size_t n_units, const std::function<double(std::span<const std::size_t>)>& statistic,
                            const BootstrapOptions& options = {});

/// No interval.
inline constexpr Interval kNoInterval{std::numeric_limits<double>::quiet_NaN(),
                                      std::numeric_limits<double>::quiet_NaN()};

/// Units that are told by their counts, with += and members f1() and empty(), such as ScoreLine: interval of the pooled
/// F1. None where fewer than two units have something to score.
template <class Counts>
Interval bootstrap_f1(std::span<const Counts> units, const BootstrapOptions& options = {}) {
  if (std::count_if(units.begin(), units.end(), [](const Counts& unit) { return !unit.empty(); }) < 2) {
    return kNoInterval;
  }
  return bootstrap_interval(
      units.size(),
      [&](std::span<const std::size_t> drawn) {
        Counts sum;
        for (const std::size_t i : drawn) sum += units[i];
        return static_cast<double>(sum.f1());
      },
      options);
}

/// Interval of the mean of the values that are not NaN; none for fewer than two of them.
Interval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options = {});

}  // namespace yourmt3
