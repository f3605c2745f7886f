#include "transcribe/group_prior.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// Chosen on the recordings of docs/model_card.md and 16 excerpts besides; what they are exactly matters little.
constexpr double kFade = 0.9;       // Of the counts, from segment to segment.
constexpr double kAtFirst = 10;     // Notes shared out evenly before any was heard.
constexpr double kTemperature = 2;  // Of the head, which is surer than it is right.
constexpr int kTurns = 5;

}  // namespace

GroupPrior::GroupPrior(int n_groups, float weight)
    : weight_(weight), counts_(static_cast<std::size_t>(n_groups), 0.0) {}

std::vector<float> GroupPrior::offsets(std::span<const double> counts) const {
  const double even = kAtFirst / static_cast<double>(counts.size());
  const double most = *std::max_element(counts.begin(), counts.end()) + even;
  std::vector<float> result;
  for (const double count : counts) result.push_back(static_cast<float>(weight_ * std::log((count + even) / most)));
  return result;
}

std::vector<float> GroupPrior::update(std::span<const float> logits) {
  const std::size_t n_groups = counts_.size();
  YOURMT3_ASSERT(logits.size() % n_groups == 0);
  for (double& count : counts_) count *= kFade;
  std::vector<double> counts = counts_, shares(n_groups);
  for (int turn = 0; turn < kTurns; ++turn) {
    const std::vector<float> added = offsets(counts);
    counts = counts_;
    for (std::size_t first = 0; first < logits.size(); first += n_groups) {
      double top = -HUGE_VAL, sum = 0;
      for (std::size_t g = 0; g < n_groups; ++g) {
        shares[g] = (logits[first + g] + added[g]) / kTemperature;
        top = std::max(top, shares[g]);
      }
      for (double& share : shares) sum += share = std::exp(share - top);
      for (std::size_t g = 0; g < n_groups; ++g) counts[g] += shares[g] / sum;
    }
  }
  counts_ = counts;
  return offsets(counts_);
}

}  // namespace yourmt3
