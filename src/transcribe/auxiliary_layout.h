#pragma once

#include "model/model_config.h"

namespace yourmt3 {

/// Where the logits of one kind stand among those of the auxiliary heads of a frame.
struct AuxiliaryLayout {
  int n_pitches = 0;  ///< Onsets first, then as many for "sounding".
  int pitch_min = 0;  ///< MIDI pitch of the first.
  int n_drums = 0;    ///< Behind both.
  int drum_min = 0;   ///< Key of the first.
  int width = 0;      ///< All logits of one frame.

  /// Without note heads everything is 0 but the width.
  explicit AuxiliaryLayout(const ModelConfig& config);
};

}  // namespace yourmt3
