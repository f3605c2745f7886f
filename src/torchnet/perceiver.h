#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/model_config.h"
#include "torchnet/layers.h"

namespace yourmt3 {

/// Intermediate results, for tests that compare stage by stage; filled when given.
struct EncoderTrace {
  std::vector<at::Tensor> blocks;  ///< Output of every block.
  at::Tensor first_sca;            ///< PerceiverTF, block 0: (B, T, K, D).
  at::Tensor first_local;          ///< After the first local layer: (B, T, K, D).
  at::Tensor first_router_logits;  ///< Of that layer, with experts: (B * T * K, experts).
  at::Tensor first_temporal;       ///< After the first temporal layer: (B, K, T, D).
};

/// PerceiverTF: latents that read each frame by spectral cross attention, then attend to each other within the frame
/// and to themselves along time. (B, T, F', C) to (B, T, K, D) float32. `node` is "encoder" of the state dict.
at::Tensor perceiver_encoder(const ParameterNode& node, const EncoderConfig& config, const at::Tensor& x,
                             const Pass& pass, EncoderTrace* trace = nullptr);

/// Angles per position by which the channel pairs of a rotary encoding turn.
at::Tensor rope_frequencies(const EncoderConfig& config, RopeKind kind);

}  // namespace yourmt3
