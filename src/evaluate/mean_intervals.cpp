#include "evaluate/mean_intervals.h"

#include <cmath>
#include <vector>

#include "eval/f_measure.h"
#include "evaluate/report.h"

namespace yourmt3 {
namespace {

constexpr std::string_view kMicro = "micro_";

/// A score of each track with its weight; tracks without one weigh nothing.
class WeightedScores {
 public:
  WeightedScores(const SetResult& result, const std::string& metric) {
    for (const TrackResult& track : result.tracks) {
      const WeightedScore score = weighted_score_of(track.metrics, metric);
      const bool there = !std::isnan(score.value);
      sums_.push_back(there ? score.value * score.weight : 0);
      weights_.push_back(there ? score.weight : 0);
      if (there) ++n_there_;
    }
  }

  int n_there() const { return n_there_; }

  double mean(std::span<const std::size_t> tracks) const {
    double sum = 0, weight = 0;
    for (const std::size_t i : tracks) {
      sum += sums_[i];
      weight += weights_[i];
    }
    return sum / weight;  // NaN without any.
  }

 private:
  std::vector<double> sums_, weights_;
  int n_there_ = 0;
};

/// micro_onset_f_X becomes micro_onset_p_X for 'p'.
std::string with_letter(std::string metric, char letter) {
  metric[metric.find("_f_") + 1] = letter;
  return metric;
}

}  // namespace

std::map<std::string, Interval> mean_intervals(const SetResult& result, const BootstrapOptions& options) {
  std::map<std::string, Interval> intervals;
  for (const auto& [metric, mean] : result.means) {
    if (std::isnan(mean)) continue;
    const bool micro = metric.starts_with(kMicro);
    const WeightedScores first(result, micro ? with_letter(metric, 'p') : metric);
    const WeightedScores second(result, micro ? with_letter(metric, 'r') : metric);
    if (first.n_there() < 2) continue;
    intervals[metric] = bootstrap_interval(
        result.tracks.size(),
        [&](std::span<const std::size_t> drawn) {
          return micro ? f_eps(first.mean(drawn), second.mean(drawn)) : first.mean(drawn);
        },
        options);
  }
  return intervals;
}

}  // namespace yourmt3
