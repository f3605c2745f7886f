#pragma once

namespace yourmt3 {

/// F measure as the reference takes it over pooled counts: the harmonic mean of p + eps and r + eps, minus eps, with
/// eps = 2^-52. NaN when either is NaN.
double f_eps(double precision, double recall);

}  // namespace yourmt3
