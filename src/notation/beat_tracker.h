#pragma once

#include <span>
#include <vector>

#include "notation/onset_events.h"

namespace yourmt3 {

/// Into how many parts rhythms divide a beat: compound metres and swing have thirds.
enum class BeatDivision { kHalves, kThirds };

/// Beats of 40 to 250 a minute through attacks in order of time, at least one; at least two beats, strictly ascending,
/// from the first attack to after the last one.
///
/// A semi-Markov model: a beat is chosen for each 20 ms of time and each length so that attacks fall where rhythms
/// have them (on the beat most, then its halves or thirds, then parts of those), lengths change little from beat to
/// beat, and tempi are usual ones. The best sequence over all is found by dynamic programming, in time and memory
/// proportional to the seconds that sound (64 bytes for 20 ms); pauses of more than ten seconds are filled evenly. A
/// least squares fit then moves beats to the attacks near them. Related: Whiteley, Cemgil and Godsill 2006, the bar
/// pointer model.
std::vector<double> track_beats(std::span<const OnsetEvent> events, BeatDivision division);

/// The log likelihood that track_beats() maximises, for any beats and without their changes of length.
double rhythm_log_likelihood(std::span<const OnsetEvent> events, std::span<const double> beat_sec,
                             BeatDivision division);

}  // namespace yourmt3
