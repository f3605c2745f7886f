#pragma once

#include <algorithm>
#include <chrono>

namespace yourmt3 {

using BenchClock = std::chrono::steady_clock;

inline double seconds_since(BenchClock::time_point start) {
  return std::chrono::duration<double>(BenchClock::now() - start).count();
}

/// Seconds of the fastest of several calls: at least `least_calls`, and as many as `least_sec` seconds hold. What
/// disturbs a call can only make it slower.
template <class Body>
double best_seconds(const Body& body, int least_calls = 5, double least_sec = 0.1) {
  double best = 0, total = 0;
  for (int calls = 0; calls < least_calls || total < least_sec; ++calls) {
    const auto start = BenchClock::now();
    body();
    const double seconds = seconds_since(start);
    best = calls == 0 ? seconds : std::min(best, seconds);
    total += seconds;
  }
  return best;
}

}  // namespace yourmt3
