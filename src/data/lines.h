#pragma once

#include <cstdint>
#include <vector>

#include "data/instruments.h"
#include "data/song.h"

namespace yourmt3 {

/// Which plain lines compose_lines() writes.
struct LineOptions {
  /// What may sound together: each piece is played by one of these ensembles, each as likely as the others. Programs
  /// are 0 to 127 or kDrumProgram, in one ensemble all different.
  std::vector<std::vector<int>> ensembles = {{0}};
  PitchRange pitches = {48, 71};  ///< Of all instruments alike, so that only their sound tells them apart.
  double shortest_step_sec = 0.25;
  double longest_step_sec = 0.6;  ///< From one onset of a line to the next, drawn evenly.
  std::vector<int> drums = {36, 38, 42};
};

/// Throws Error(kInvalidArgument) naming the option that is out of range.
void check(const LineOptions& options);

/// The easiest music there is, for networks that have only minutes to learn: every instrument plays one note after the
/// other, evenly drawn from few pitches, and silence before each next one. Deterministic as compose(). Throws
/// Error(kInvalidArgument) for options out of range and for a length that is not positive or longer than an hour.
Song compose_lines(std::uint64_t seed, double seconds, const LineOptions& options);

}  // namespace yourmt3
