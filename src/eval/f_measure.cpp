#include "eval/f_measure.h"

#include <limits>

namespace yourmt3 {

double f_eps(double precision, double recall) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  return 2 / (1 / (precision + kEpsilon) + 1 / (recall + kEpsilon)) - kEpsilon;
}

}  // namespace yourmt3
