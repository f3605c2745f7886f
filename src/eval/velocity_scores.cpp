#include "eval/velocity_scores.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/fail.h"
#include "eval/scorable_notes.h"

namespace yourmt3 {

namespace {

struct Line {
  double slope = 0;
  double intercept = 0;
};

// Least squares of y over x; level where all x are equal.
Line fit_line(std::span<const double> x, std::span<const double> y) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  double xx = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  const bool is_level = std::all_of(x.begin(), x.end(), [&](double value) { return value == x.front(); });
  const double slope = is_level ? 0 : xy / xx;
  return {slope, mean_y - slope * mean_x};
}

std::vector<int> velocities_of(std::span<const Note> notes) {
  std::vector<int> velocities;
  for (const Note& note : notes) velocities.push_back(note.velocity);
  return velocities;
}

}  // namespace

std::vector<std::pair<int, int>> match_notes_with_velocity(std::span<const SoundingPitch> reference,
                                                           std::span<const int> reference_velocity,
                                                           std::span<const SoundingPitch> estimate,
                                                           std::span<const int> estimate_velocity,
                                                           const MatchOptions& options, double tolerance) {
  YOURMT3_ASSERT(reference.size() == reference_velocity.size());
  YOURMT3_ASSERT(estimate.size() == estimate_velocity.size());
  const auto pairs = match_notes(reference, estimate, options);
  if (pairs.empty()) return {};
  const auto [least, greatest] = std::minmax_element(reference_velocity.begin(), reference_velocity.end());
  const double range = std::max(1, *greatest - *least);
  std::vector<double> r, e;
  for (const auto& [i, j] : pairs) {
    r.push_back((reference_velocity[static_cast<std::size_t>(i)] - *least) / range);
    e.push_back(estimate_velocity[static_cast<std::size_t>(j)]);
  }
  const Line line = fit_line(e, r);
  std::vector<std::pair<int, int>> agreeing;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    if (std::abs(line.slope * e[k] + line.intercept - r[k]) < tolerance) agreeing.push_back(pairs[k]);
  }
  return agreeing;
}

bool velocities_vary(std::span<const Note> notes) {
  int seen = 0;
  for (const Note& note : notes) {
    if (note.is_drum || note.velocity <= 1) continue;
    if (seen != 0 && note.velocity != seen) return true;
    seen = note.velocity;
  }
  return false;
}

std::optional<VelocityScores> score_velocities(std::span<const Note> reference, std::span<const Note> estimate,
                                               const MatchOptions& options) {
  const std::vector<Note> r = pitched_notes(scorable_notes(reference));
  const std::vector<Note> e = pitched_notes(scorable_notes(estimate));
  if (!velocities_vary(r) || !velocities_vary(e)) return std::nullopt;
  const auto score = [&](const MatchOptions& how) {
    const auto pairs =
        match_notes_with_velocity(to_sounding(r), velocities_of(r), to_sounding(e), velocities_of(e), how);
    return MatchScore{static_cast<int>(r.size()), static_cast<int>(e.size()), static_cast<int>(pairs.size())};
  };
  MatchOptions no_offset = options;
  no_offset.offset_ratio.reset();
  return VelocityScores{score(options), score(no_offset)};
}

}  // namespace yourmt3
