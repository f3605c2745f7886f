#pragma once

#include <array>
#include <span>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// What notes do at a place that may be a beat or begin a bar: harmony that changes, a new bass, length of the notes
/// that begin, kick, snare, crash, other drums, number of notes; each against its mean over the sixteen places around.
inline constexpr int kBeatFeatures = 8;
using BeatFeatures = std::array<double, kBeatFeatures>;

/// Features at each of at least two places, which ascend.
std::vector<BeatFeatures> beat_features(std::span<const Note> notes, std::span<const double> place_sec);

}  // namespace yourmt3
