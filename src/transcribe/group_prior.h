#pragma once

#include <span>
#include <vector>

namespace yourmt3 {

/// How much each instrument group plays in one recording, by what the head for groups said to its notes so far. Few
/// groups play in a recording, and which ones is easier to tell from many notes than from one.
class GroupPrior {
 public:
  /// `weight`: InferenceConfig::group_prior.
  GroupPrior(int n_groups, float weight);

  /// The notes that begin in the next segment, rows of one logit for each group: counts them, and returns what is to be
  /// added to the logits of each group for these notes, 0 for the one that plays most. Shares and notes are estimated
  /// from each other in turns, as by expectation and maximisation; notes of earlier segments fade.
  std::vector<float> update(std::span<const float> logits);

 private:
  std::vector<float> offsets(std::span<const double> counts) const;

  float weight_;
  std::vector<double> counts_;
};

}  // namespace yourmt3
