#pragma once

#include <ATen/core/Tensor.h>

#include "model/model_config.h"
#include "torchnet/layers.h"

namespace yourmt3 {

/// What a note is heard by, everywhere a note may begin.
struct TimbreInputs {
  at::Tensor scaled;   ///< (B, T, F) spectrum as the harmonic front end scales it.
  double silence = 0;  ///< A value of it where nothing sounds.
  at::Tensor states;   ///< (B, T, P, hidden) of pitch_states().
  at::Tensor encoded;  ///< (B, T, d).
  at::Tensor onsets;   ///< (B, T, P) logits.
};

/// `group_notes`, (B, T, P, groups) logits, with what a network that sees the harmonics of the pitch for longer than
/// the others adds where a note may begin, see AuxiliaryConfig::timbre_width. `node` is "auxiliary.timbre". There is no
/// gradient to the spectrum and the onsets.
at::Tensor with_timbre(const ParameterNode& node, const ModelConfig& config, const TimbreInputs& inputs,
                       const at::Tensor& group_notes);

}  // namespace yourmt3
