#pragma once

#include <span>
#include <vector>

#include "data/random.h"
#include "data/song.h"

namespace yourmt3 {

/// Adds a drum part to `out`, whose samples are at `rate` Hz. `speed` scales all frequencies, 1 is as designed.
void play_tone_drums(const Part& part, double rate, double speed, std::span<float> out);

}  // namespace yourmt3
