#include "notation/beat_smoothing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace yourmt3 {
namespace {

constexpr double kReachSec = 0.06;     // An attack farther from a beat is not meant by it.
constexpr double kTrust = 0.05;        // Weight of a tracked beat without an attack.
constexpr double kSmoothness = 2.0;    // Weight of changes of the distance, against an attack of weight 1.
constexpr double kLeastBeatSec = 0.1;  // Half the shortest tracked beat.

/// What is heard near a beat: mean time and weight of the attacks, or the beat itself.
struct Target {
  double time_sec, weight;
};

std::vector<Target> targets(const std::vector<double>& beat_sec, std::span<const OnsetEvent> events) {
  std::vector<Target> result;
  std::size_t first = 0;
  for (const double beat : beat_sec) {
    while (first < events.size() && events[first].time_sec < beat - kReachSec) ++first;
    double weight = kTrust, moment = kTrust * beat;
    for (std::size_t k = first; k < events.size() && events[k].time_sec <= beat + kReachSec; ++k) {
      const double distance = (events[k].time_sec - beat) / kReachSec;
      const double share = events[k].weight * (1 - distance * distance);
      weight += share;
      moment += share * events[k].time_sec;
    }
    result.push_back({moment / weight, weight});
  }
  return result;
}

}  // namespace

std::vector<double> smooth_beats(const std::vector<double>& beat_sec, std::span<const OnsetEvent> events) {
  const std::size_t n = beat_sec.size();
  if (n < 3) return beat_sec;
  const std::vector<Target> wanted = targets(beat_sec, events);
  // Normal equations of sum w (b - t)^2 + s (b[i-1] - 2 b[i] + b[i+1])^2: symmetric with two bands, solved by L D L^T.
  std::vector<std::array<double, 3>> band(n);  // Diagonal, and the two below it.
  std::vector<double> right(n);
  for (std::size_t i = 0; i < n; ++i) {
    band[i][0] = wanted[i].weight;
    right[i] = wanted[i].weight * (wanted[i].time_sec - beat_sec.front());
  }
  constexpr std::array<double, 3> kBend = {1, -2, 1};
  for (std::size_t i = 0; i + 2 < n; ++i) {
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b <= a; ++b) band[i + a][a - b] += kSmoothness * kBend[a] * kBend[b];
    }
  }
  std::vector<double> pivot(n), near(n), far(n), solved(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (i >= 2) far[i] = band[i][2] / pivot[i - 2];
    if (i >= 1) near[i] = (band[i][1] - (i >= 2 ? far[i] * pivot[i - 2] * near[i - 1] : 0)) / pivot[i - 1];
    pivot[i] = band[i][0];
    solved[i] = right[i];
    if (i >= 1) pivot[i] -= near[i] * near[i] * pivot[i - 1], solved[i] -= near[i] * solved[i - 1];
    if (i >= 2) pivot[i] -= far[i] * far[i] * pivot[i - 2], solved[i] -= far[i] * solved[i - 2];
  }
  std::vector<double> smooth(n);
  for (std::size_t i = n; i-- > 0;) {
    smooth[i] = solved[i] / pivot[i];
    if (i + 1 < n) smooth[i] -= near[i + 1] * smooth[i + 1];
    if (i + 2 < n) smooth[i] -= far[i + 2] * smooth[i + 2];
  }
  for (double& time : smooth) time += beat_sec.front();
  for (std::size_t i = 1; i < n; ++i) {
    if (smooth[i] - smooth[i - 1] < kLeastBeatSec) return beat_sec;
  }
  return smooth;
}

}  // namespace yourmt3
