#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/weights.h"
#include "torchnet/network.h"

namespace yourmt3 {

/// The network in plain operations of libtorch, float32, one after the other as the authors' program runs them. Callers
/// hold PlainOperations and at::NoGradGuard meanwhile.
class EagerNetwork {
 public:
  explicit EagerNetwork(const Model& model);

  /// (B, T, F) to what the decoder reads, (B, C, S, d).
  at::Tensor encode(const at::Tensor& spectrogram) const;

  /// Rows that are decoded side by side, all of them to the end of the longest: a batch does not change.
  class Decoding {
   public:
    /// `memory` (R, S, d). `network` outlives it.
    Decoding(const EagerNetwork& network, const at::Tensor& memory);

    /// Feeds a token to each row, (R) int64, and returns their logits (R, V).
    at::Tensor step(const at::Tensor& tokens);

   private:
    /// Keys and values of one layer, (R, H, n, d_kv).
    struct Cache {
      at::Tensor k, v;
    };
    at::Tensor attend(const ParameterNode& node, const at::Tensor& q, const Cache& cache) const;

    const EagerNetwork& network_;
    at::Tensor memory_;
    std::vector<Cache> self_, cross_;
    std::int64_t n_ = 0;  // Tokens so far.
  };

 private:
  Network network_;
};

}  // namespace yourmt3
