#include "transcribe/auxiliary_layout.h"

namespace yourmt3 {

AuxiliaryLayout::AuxiliaryLayout(const ModelConfig& config) {
  width = config.auxiliary.n_groups;
  if (!config.auxiliary.notes) return;
  n_pitches = config.pre_encoder.n_pitches;
  pitch_min = config.front_end.pitch_min;
  n_drums = config.auxiliary.n_drums;
  drum_min = config.auxiliary.drum_min;
  width += 2 * n_pitches + n_drums;
}

}  // namespace yourmt3
