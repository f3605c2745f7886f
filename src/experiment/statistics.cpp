#include "experiment/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace yourmt3 {
namespace {

std::optional<Interval> interval_of(std::vector<double> tracks) {
  std::erase_if(tracks, [](double value) { return !std::isfinite(value); });
  if (tracks.size() < 2) return std::nullopt;
  return bootstrap_mean(tracks, {.n_resamples = 2000});
}

}  // namespace

Spread spread_of(std::span<const double> values) {
  Spread spread;
  double sum = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++spread.count;
  }
  if (spread.count == 0) {
    spread.mean = std::numeric_limits<double>::quiet_NaN();
    return spread;
  }
  spread.mean = sum / static_cast<double>(spread.count);
  if (spread.count < 2) return spread;
  double squares = 0;
  for (const double value : values) {
    if (std::isfinite(value)) squares += (value - spread.mean) * (value - spread.mean);
  }
  spread.deviation = std::sqrt(squares / static_cast<double>(spread.count - 1));
  return spread;
}

std::vector<double> track_means(std::span<const std::vector<double>> values) {
  std::size_t n_tracks = 0;
  for (const auto& repetition : values) n_tracks = std::max(n_tracks, repetition.size());
  std::vector<double> means;
  for (std::size_t track = 0; track < n_tracks; ++track) {
    std::vector<double> scores;
    for (const auto& repetition : values) {
      if (track < repetition.size()) scores.push_back(repetition[track]);
    }
    means.push_back(spread_of(scores).mean);
  }
  return means;
}

std::optional<Interval> mean_interval(std::span<const std::vector<double>> values) {
  return interval_of(track_means(values));
}

std::optional<Interval> difference_interval(std::span<const std::vector<double>> a,
                                            std::span<const std::vector<double>> b) {
  const std::vector<double> first = track_means(a), second = track_means(b);
  std::vector<double> differences;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) differences.push_back(first[i] - second[i]);
  return interval_of(std::move(differences));
}

}  // namespace yourmt3
