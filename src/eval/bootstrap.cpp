#include "eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/fail.h"
#include "eval/distribution.h"

namespace yourmt3 {

namespace {

// In [0, n), for n below 2^32. The distributions of the standard library differ from one library to the next.
std::size_t draw(std::mt19937_64& random, std::size_t n) {
  return static_cast<std::size_t>((random() >> 32) * n >> 32);
}

}  // namespace

Interval bootstrap_interval(std::size_t n_units, const std::function<double(std::span<const std::size_t>)>& statistic,
                            const BootstrapOptions& options) {
  if (options.n_resamples < 1 || !(options.confidence > 0 && options.confidence < 1)) {
    fail(ErrorCode::kInvalidArgument,
         "cannot make an interval of {} from {} resamples, expected a confidence between 0 and 1 and at least one",
         options.confidence, options.n_resamples);
  }
  if (n_units < 2) return kNoInterval;
  std::mt19937_64 random(options.seed);
  std::vector<std::size_t> drawn(n_units);
  std::vector<double> values;
  for (int i = 0; i < options.n_resamples; ++i) {
    for (std::size_t& unit : drawn) unit = draw(random, n_units);
    const double value = statistic(drawn);
    if (!std::isnan(value)) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  const double outside = (1 - options.confidence) / 2;
  return {quantile(values, outside), quantile(values, 1 - outside)};
}

Interval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options) {
  const auto n_numbers = std::count_if(values.begin(), values.end(), [](double value) { return !std::isnan(value); });
  if (n_numbers < 2) return kNoInterval;
  return bootstrap_interval(
      values.size(),
      [&](std::span<const std::size_t> drawn) {
        double sum = 0;
        std::size_t n = 0;
        for (const std::size_t i : drawn) {
          if (std::isnan(values[i])) continue;
          sum += values[i];
          ++n;
        }
        return sum / static_cast<double>(n);  // NaN without any.
      },
      options);
}

}  // namespace yourmt3
