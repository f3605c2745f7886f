#include "eval/multipitch.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "core/fail.h"
#include "eval/bipartite.h"

namespace yourmt3 {

namespace {

constexpr double kWindowSemitones = 0.5;
constexpr double kSameTimeSec = 1e-9;  // Grids of two files that differ only by rounding.

// The pitches of a moment in semitones, ascending.
std::vector<double> to_semitones(const std::vector<double>& frequencies_hz, bool fold_octaves) {
  std::vector<double> pitches;
  pitches.reserve(frequencies_hz.size());
  for (const double hz : frequencies_hz) {
    if (!(hz > 0)) fail(ErrorCode::kInvalidArgument, "a frequency of {} Hz cannot be scored", hz);
    const double pitch = 12 * std::log2(hz / 440.0) + 69;
    pitches.push_back(fold_octaves ? pitch - 12 * std::floor(pitch / 12) : pitch);
  }
  std::sort(pitches.begin(), pitches.end());
  return pitches;
}

double distance(double reference, double estimate, bool fold_octaves) {
  const double straight = std::abs(reference - estimate);
  return fold_octaves ? std::min(straight, 12 - straight) : straight;
}

// Along a line with one reach for all, the first of both sides that are in reach of each other may always be paired.
int count_in_order(std::span<const double> reference, std::span<const double> estimate, bool fold_octaves, double cut) {
  // Those below the cut come last, an octave higher.
  const auto start = [&](std::span<const double> side) {
    return static_cast<std::size_t>(std::lower_bound(side.begin(), side.end(), cut) - side.begin());
  };
  const auto at = [](std::span<const double> side, std::size_t first, std::size_t i) {
    const std::size_t place = first + i;
    return place < side.size() ? std::pair{side[place], 0} : std::pair{side[place - side.size()], 1};
  };
  const std::size_t r_start = start(reference), e_start = start(estimate);
  int n_matched = 0;
  for (std::size_t r = 0, e = 0; r < reference.size() && e < estimate.size();) {
    const auto [r_pitch, r_round] = at(reference, r_start, r);
    const auto [e_pitch, e_round] = at(estimate, e_start, e);
    if (distance(r_pitch, e_pitch, fold_octaves) <= kWindowSemitones) {
      ++n_matched;
      ++r;
      ++e;
    } else if (std::pair{r_round, r_pitch} < std::pair{e_round, e_pitch}) {
      ++r;
    } else {
      ++e;
    }
  }
  return n_matched;
}

// Where the circle of an octave can be cut because nothing lies so near on both sides that it could be a pair.
std::optional<double> find_cut(std::span<const double> reference, std::span<const double> estimate) {
  std::vector<double> all(reference.begin(), reference.end());
  all.insert(all.end(), estimate.begin(), estimate.end());
  std::sort(all.begin(), all.end());
  if (12 - (all.back() - all.front()) > kWindowSemitones) return 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i] - all[i - 1] > kWindowSemitones) return all[i];
  }
  return std::nullopt;
}

int count_matches(std::span<const double> reference, std::span<const double> estimate, bool fold_octaves) {
  if (reference.empty() || estimate.empty()) return 0;
  if (!fold_octaves) return count_in_order(reference, estimate, false, -std::numeric_limits<double>::infinity());
  if (const auto cut = find_cut(reference, estimate)) return count_in_order(reference, estimate, true, *cut);
  std::vector<std::vector<int>> neighbours(reference.size());
  for (std::size_t r = 0; r < reference.size(); ++r) {
    for (std::size_t e = 0; e < estimate.size(); ++e) {
      if (distance(reference[r], estimate[e], true) <= kWindowSemitones) neighbours[r].push_back(static_cast<int>(e));
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
  const std::vector<double>* r_before = nullptr;
  const std::vector<double>* e_before = nullptr;
  std::vector<double> r, e;
  std::int64_t matched = 0;
  for (std::size_t t = 0; t < reference.times_sec.size(); ++t) {
    // Most moments sound like the one before.
    const std::vector<double>& r_hz = reference.frequencies_hz[t];
    const std::vector<double>& e_hz = nearest_frame(estimate, reference.times_sec[t]);
    const bool r_same = r_before != nullptr && r_hz == *r_before;
    const bool e_same = e_before != nullptr && e_hz == *e_before;
    if (!r_same) r = to_semitones(r_hz, fold_octaves);
    if (!e_same) e = to_semitones(e_hz, fold_octaves);
    if (!r_same || !e_same) matched = count_matches(r, e, fold_octaves);
    r_before = &r_hz;
    e_before = &e_hz;
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
