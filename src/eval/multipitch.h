#pragma once

#include <vector>

namespace yourmt3 {

/// The frequencies that sound at some moments.
struct PitchFrames {
  std::vector<double> times_sec;                    ///< Ascending.
  std::vector<std::vector<double>> frequencies_hz;  ///< One list for each time; positive.
};

/// Scores of multi-pitch estimation, as in mir_eval. Errors are relative to the pitches of the reference.
struct MultipitchScore {
  double precision = 0;
  double recall = 0;
  double accuracy = 0;
  double substitution_error = 0;
  double miss_error = 0;
  double false_alarm_error = 0;
  double total_error = 0;
};

/// Pitches of both sides within half a semitone of each other, each used at most once; with `fold_octaves` regardless
/// of the octave. At each time of the reference the estimate of the nearest time is read, none outside its range.
MultipitchScore score_multipitch(const PitchFrames& reference, const PitchFrames& estimate, bool fold_octaves);

}  // namespace yourmt3
