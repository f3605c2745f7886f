#include "notation/beat_grid.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"

namespace yourmt3 {

double BeatGrid::beat_at(double time_sec) const {
  YOURMT3_ASSERT(beat_sec.size() >= 2);
  const auto after = std::upper_bound(beat_sec.begin() + 1, beat_sec.end() - 1, time_sec);
  const double begin_sec = *(after - 1);
  return static_cast<double>(after - 1 - beat_sec.begin()) + (time_sec - begin_sec) / (*after - begin_sec);
}

double BeatGrid::sec_at(double beat) const {
  YOURMT3_ASSERT(beat_sec.size() >= 2);
  const double last = static_cast<double>(beat_sec.size()) - 2;
  const auto index = static_cast<std::size_t>(std::clamp(std::floor(beat), 0.0, last));
  return beat_sec[index] + (beat - static_cast<double>(index)) * (beat_sec[index + 1] - beat_sec[index]);
}

double BeatGrid::quarters_per_minute() const {
  if (beat_sec.size() < 2) return 120;
  std::vector<double> intervals;
  for (std::size_t i = 1; i < beat_sec.size(); ++i) intervals.push_back(beat_sec[i] - beat_sec[i - 1]);
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return 60 * metre.quarters_per_beat() / *middle;
}

}  // namespace yourmt3
