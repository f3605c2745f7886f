#pragma once

#include "engine/conv_kernels.h"
#include "engine/float_buffer.h"

namespace yourmt3 {

/// Weights (outputs, inputs, 3, 3) as `kernel` wants them: (panel, element, word of inputs, output of the panel), where
/// a word is one number, or two of bfloat16.
FloatBuffer winograd_weights(const WinogradKernel& kernel, const std::vector<float>& weights, int outputs, int inputs);

}  // namespace yourmt3
