#include "eval/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace yourmt3 {

double quantile(std::span<const double> sorted, double fraction) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Distribution summarise(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  double sum = 0;
  for (const double value : sorted) sum += value;
  const double mean = sorted.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / n;
  double squares = 0;
  for (const double value : sorted) squares += (value - mean) * (value - mean);
  return {.n = sorted.size(),
          .mean = mean,
          .std_dev = sorted.empty() ? mean : std::sqrt(squares / n),
          .median = quantile(sorted, 0.5),
          .p5 = quantile(sorted, 0.05),
          .p95 = quantile(sorted, 0.95)};
}

}  // namespace yourmt3
