#pragma once

#include <cstdlib>

#include <rapidcheck.h>

namespace yourmt3::testing {

// RapidCheck takes its seed from the clock unless RC_PARAMS names one; it reads that at its first check.
inline const int kFixedSeed = ::setenv("RC_PARAMS", "seed=20240229 max_success=200", 0);

}  // namespace yourmt3::testing
