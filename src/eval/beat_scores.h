#pragma once

#include <span>

namespace yourmt3 {

/// F-measure of beats: those within 70 ms of each other agree, each used once. Both lists ascend, in seconds. NaN when
/// both are empty. Nothing at the beginning is left out, where mir_eval ignores five seconds. Source: Dixon 2001.
double beat_f_measure(std::span<const double> reference_sec, std::span<const double> estimate_sec);

}  // namespace yourmt3
