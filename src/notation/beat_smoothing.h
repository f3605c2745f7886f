#pragma once

#include <span>
#include <vector>

#include "notation/onset_events.h"

namespace yourmt3 {

/// Moves beats to the attacks near them while their distances change smoothly: least squares, linear in the number of
/// beats. Beats and attacks ascend; so does the result.
std::vector<double> smooth_beats(const std::vector<double>& beat_sec, std::span<const OnsetEvent> events);

}  // namespace yourmt3
