#pragma once

#include <ATen/core/Tensor.h>

#include "model/model_config.h"
#include "torchnet/layers.h"

namespace yourmt3 {

/// What the decoder channels read of the encoder's output: (B, T, K, D) or (B, T, d) to (B, C, S, d). `root` is the
/// whole state dict.
at::Tensor pre_decoder(const ParameterNode& root, const ModelConfig& config, const at::Tensor& encoded,
                       const Pass& pass);

}  // namespace yourmt3
