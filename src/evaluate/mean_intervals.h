#pragma once

#include <map>
#include <string>

#include "eval/bootstrap.h"
#include "evaluate/evaluate_set.h"

namespace yourmt3 {

/// How far the means of a set might be off by the choice of its tracks: percentile intervals over resampled tracks, by
/// the names of SetResult::means. Means of fewer than two tracks have none.
std::map<std::string, Interval> mean_intervals(const SetResult& result, const BootstrapOptions& options = {});

}  // namespace yourmt3
