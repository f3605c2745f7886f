#pragma once

#include <ATen/core/Tensor.h>

#include "model/model_config.h"
#include "torchnet/layers.h"

namespace yourmt3 {

/// Residual 3x3 convolutions with batch norm, each block halving the frequency axis: (B, T, F) to (B, T, F', C)
/// float32. `node` is "pre_encoder.0" of the state dict. In training its batch norms tell their statistics, see Pass.
at::Tensor residual_conv(const ParameterNode& node, const PreEncoderConfig& config, const at::Tensor& spectrogram,
                         const Pass& pass);

}  // namespace yourmt3
