#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace yourmt3 {

/// What the router of one mixture of experts chose for the positions of one segment.
struct RouterChoices {
  int segment = 0;         ///< Of the call, from 0.
  std::string_view layer;  ///< Path in the state dict, such as "encoder.blocks.0.local_transformer.1.mlp".
  int n_experts = 0;       ///< E.
  int top_k = 0;           ///< Experts that each position gets.
  std::span<const std::int32_t> experts;  ///< (positions, top_k), the likeliest first. PerceiverTF: T * K positions.
  std::span<const float> weights;         ///< Beside them, positive, those of a position sum to one.
};

/// Called on the thread that encodes, in the order of the layers; the spans are valid until it returns.
using RouterObserver = std::function<void(const RouterChoices&)>;

}  // namespace yourmt3
