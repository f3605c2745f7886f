#include "eval/multipitch.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/fail.h"
#include "eval/bipartite.h"

namespace yourmt3 {

namespace {

constexpr double kWindowSemitones = 0.5;
constexpr double kSameTimeSec = 1e-9;  // Grids of two files that differ only by rounding.

std::vector<double> to_semitones(const std::vector<double>& frequencies_hz, bool fold_octaves) {
  std::vector<double> pitches;
  for (const double hz : frequencies_hz) {
    if (!(hz > 0)) fail(ErrorCode::kInvalidArgument, "a frequency of {} Hz cannot be scored", hz);
    const double pitch = 12 * std::log2(hz / 440.0) + 69;
    pitches.push_back(fold_octaves ? pitch - 12 * std::floor(pitch / 12) : pitch);
  }
  return pitches;
}

int count_matches(const std::vector<double>& reference, const std::vector<double>& estimate, bool fold_octaves) {
  std::vector<std::vector<int>> neighbours(reference.size());
  for (std::size_t r = 0; r < reference.size(); ++r) {
    for (std::size_t e = 0; e < estimate.size(); ++e) {
      double distance = std::abs(reference[r] - estimate[e]);
      if (fold_octaves) distance = std::min(distance, 12 - distance);
      if (distance <= kWindowSemitones) neighbours[r].push_back(static_cast<int>(e));
    }
  }
  return static_cast<int>(maximum_matching(neighbours, static_cast<int>(estimate.size())).size());
}

const std::vector<double>& nearest_frame(const PitchFrames& frames, double time_sec) {
  static const std::vector<double> silence;
  const std::vector<double>& times = frames.times_sec;
  if (times.empty() || time_sec < times.front() - kSameTimeSec || time_sec > times.back() + kSameTimeSec) {
    return silence;
  }
  const auto after = std::lower_bound(times.begin(), times.end(), time_sec);
  auto index = static_cast<std::size_t>(after - times.begin());
  const bool take_before =
      index == times.size() || (index > 0 && time_sec - times[index - 1] <= times[index] - time_sec);
  if (take_before) --index;
  return frames.frequencies_hz[index];
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

MultipitchScore score_multipitch(const PitchFrames& reference, const PitchFrames& estimate, bool fold_octaves) {
  YOURMT3_ASSERT(reference.times_sec.size() == reference.frequencies_hz.size());
  YOURMT3_ASSERT(estimate.times_sec.size() == estimate.frequencies_hz.size());
  std::int64_t n_reference = 0, n_estimate = 0, n_matched = 0;
  std::int64_t n_substituted = 0, n_missed = 0, n_invented = 0, n_wrong = 0;
  for (std::size_t t = 0; t < reference.times_sec.size(); ++t) {
    const auto r = to_semitones(reference.frequencies_hz[t], fold_octaves);
    const auto e = to_semitones(nearest_frame(estimate, reference.times_sec[t]), fold_octaves);
    const std::int64_t matched = count_matches(r, e, fold_octaves);
    const auto in_r = static_cast<std::int64_t>(r.size());
    const auto in_e = static_cast<std::int64_t>(e.size());
    n_reference += in_r;
    n_estimate += in_e;
    n_matched += matched;
    n_substituted += std::min(in_r, in_e) - matched;
    n_missed += std::max<std::int64_t>(in_r - in_e, 0);
    n_invented += std::max<std::int64_t>(in_e - in_r, 0);
    n_wrong += std::max(in_r, in_e) - matched;
  }
  return {.precision = ratio(n_matched, n_estimate),
          .recall = ratio(n_matched, n_reference),
          .accuracy = ratio(n_matched, n_reference + n_estimate - n_matched),
          .substitution_error = ratio(n_substituted, n_reference),
          .miss_error = ratio(n_missed, n_reference),
          .false_alarm_error = ratio(n_invented, n_reference),
          .total_error = ratio(n_wrong, n_reference)};
}

}  // namespace yourmt3
