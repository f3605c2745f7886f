#include "eval/beat_scores.h"

#include <cmath>
#include <limits>

namespace yourmt3 {

double beat_f_measure(std::span<const double> reference_sec, std::span<const double> estimate_sec) {
  constexpr double kWindowSec = 0.07;
  if (reference_sec.empty() && estimate_sec.empty()) return std::numeric_limits<double>::quiet_NaN();
  // All windows are equally wide, so taking the first partner that is left gives the most pairs.
  std::size_t matched = 0;
  for (std::size_t i = 0, j = 0; i < reference_sec.size() && j < estimate_sec.size();) {
    if (std::abs(reference_sec[i] - estimate_sec[j]) <= kWindowSec) {
      ++matched, ++i, ++j;
    } else if (reference_sec[i] < estimate_sec[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return 2.0 * static_cast<double>(matched) / static_cast<double>(reference_sec.size() + estimate_sec.size());
}

}  // namespace yourmt3
