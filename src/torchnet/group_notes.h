#pragma once

#include <ATen/core/Tensor.h>

#include "torchnet/layers.h"

namespace yourmt3 {

/// Which group begins a note of each pitch: logits (B, T, P, groups) from the features of every pitch (B, T, P, W), the
/// encoder's output (B, T, d) and its onset logits (B, T, P). The latter are added without a gradient, so that this
/// head only learns who plays. `node` is "auxiliary.group_notes".
at::Tensor group_note_logits(const ParameterNode& node, const at::Tensor& features, const at::Tensor& encoded,
                             const at::Tensor& onsets);

}  // namespace yourmt3
