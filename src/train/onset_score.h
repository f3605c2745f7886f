#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace yourmt3 {

/// Hits and misses of peaks among onset logits.
struct OnsetScore {
  std::int64_t matched = 0, estimated = 0, reference = 0;

  OnsetScore& operator+=(const OnsetScore& other);
  double f1() const;  ///< 0 when there is nothing to find and nothing was found.
};

/// Peaks of the logits of one column at or above `threshold` (as a probability) against ones in the targets, within
/// `tolerance` frames; both (B, T, columns), columns [first, last). Each target matches one peak at most.
OnsetScore score_onsets(const at::Tensor& logits, const at::Tensor& targets, std::int64_t first, std::int64_t last,
                        double threshold = 0.5, int tolerance = 2);

}  // namespace yourmt3
