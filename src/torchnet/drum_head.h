#pragma once

#include <ATen/core/Tensor.h>

#include "torchnet/layers.h"

namespace yourmt3 {

/// `notes`, (B, T, A) logits that end with those of the drums, with what a network for drums adds to these: it sees
/// sums of the scaled spectrum (B, T, F) in the frames around each, and the encoder's output (B, T, d). `node` is
/// "auxiliary.drums".
at::Tensor refined_drums(const ParameterNode& node, const at::Tensor& scaled, const at::Tensor& encoded,
                         const at::Tensor& notes);

}  // namespace yourmt3
