#pragma once

#include <cstddef>
#include <span>

namespace yourmt3 {

/// Where values lie. All but the number are NaN without values.
struct Distribution {
  std::size_t n = 0;
  double mean = 0;
  double std_dev = 0;  ///< Of these values, not an estimate for others: divided by n.
  double median = 0;
  double p5 = 0;  ///< 5 % of the values are below.
  double p95 = 0;
};

Distribution summarise(std::span<const double> values);

/// The value below which `fraction` of the ascending `sorted` lie, by a straight line between neighbours (numpy's
/// default). NaN without values.
double quantile(std::span<const double> sorted, double fraction);

}  // namespace yourmt3
