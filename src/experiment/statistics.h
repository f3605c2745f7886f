#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "eval/bootstrap.h"

namespace yourmt3 {

/// The mean of a few repetitions and how far they lie apart.
struct Spread {
  std::size_t count = 0;
  double mean = 0;       ///< NaN of nothing.
  double deviation = 0;  ///< Sample standard deviation; 0 for less than two.
};

/// Passes over values that are not finite.
Spread spread_of(std::span<const double> values);

/// 95 % percentile bootstrap of the mean over tracks: `values[r][t]` is the score of track t in repetition r (a seed),
/// NaN where there is none; all repetitions have the same tracks. Tracks are drawn anew, repetitions are not: the
/// interval tells how much depends on the choice of tracks. None with less than two tracks that have a score.
std::optional<Interval> mean_interval(std::span<const std::vector<double>> values);

/// The same for the difference a - b of means over the tracks that both have: each draw takes the same tracks for both.
std::optional<Interval> difference_interval(std::span<const std::vector<double>> a,
                                            std::span<const std::vector<double>> b);

/// Mean of each track over the repetitions that have a score; NaN where none has.
std::vector<double> track_means(std::span<const std::vector<double>> values);

}  // namespace yourmt3
