#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "model/model_config.h"

namespace yourmt3 {

/// Numbers about every pitch of every frame, (T, P, width).
struct PitchPlane {
  const float* values;
  int n_frames, n_pitches, width;
};

/// Writes what `taps` show to all pitches of frame t: P rows of `stride` that begin with it, zeros for what is outside.
inline void gather_taps(std::span<const AuxiliaryConfig::Tap> taps, const PitchPlane& plane, int t, float* rows,
                        int stride) {
  for (const AuxiliaryConfig::Tap& tap : taps) {
    const int frame = t + tap.frame;
    for (int p = 0; p < plane.n_pitches; ++p) {
      const int pitch = p + tap.pitch;
      float* to = rows + static_cast<std::ptrdiff_t>(p) * stride;
      if (frame >= 0 && frame < plane.n_frames && pitch >= 0 && pitch < plane.n_pitches) {
        const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(frame) * plane.n_pitches + pitch;
        std::copy_n(plane.values + place * plane.width, plane.width, to);
      } else {
        std::fill_n(to, plane.width, 0.f);
      }
    }
    rows += plane.width;
  }
}

}  // namespace yourmt3
