#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "torchnet/layers.h"

namespace yourmt3 {

/// What an encoder and a decoder stack of T5 have in common.
struct T5Options {
  int n_layers = 8;
  int n_heads = 6;
  double dropout = 0;
  bool relative_position_bias = false;  ///< In place of the sinusoid table.
  bool moe = false;                     ///< Experts in place of the gated feed-forward.
  int top_k = 2;                        ///< Experts of one position.
};

/// (R, N, d) float32 to (R, N, d) in pass.compute. `node` is "encoder.encoder" of the state dict.
at::Tensor t5_encoder(const ParameterNode& node, const T5Options& options, const at::Tensor& x, const Pass& pass,
                      std::vector<at::Tensor>* block_outputs = nullptr);

/// Teacher forcing: embedded tokens (R, N, d) float32 and memory (R, S, d) to (R, N, d) in pass.compute. `node` is
/// "decoder.decoder". `first_head_attention`, if given, receives for every layer what the first head of cross attention
/// looks at: (R, N, S).
at::Tensor t5_decoder(const ParameterNode& node, const T5Options& options, const at::Tensor& x,
                      const at::Tensor& memory, const Pass& pass,
                      std::vector<at::Tensor>* first_head_attention = nullptr);

}  // namespace yourmt3
