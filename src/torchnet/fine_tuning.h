#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "torchnet/lora_options.h"
#include "torchnet/network.h"

namespace yourmt3 {

// What is trained when a network is adapted to new data. Patterns are compared with whole names of the state dict, such
// as "encoder.blocks.0.local_transformer.1.mlp.dense1.weight"; '*' stands for any characters, dots included, and
// ".weight" may be left out. A pattern that fits nothing throws Error(kInvalidArgument) and lists near names.

/// Parameters that fit a pattern keep their values: they no longer take a gradient.
void freeze(Network& network, std::span<const std::string> patterns);

/// Adds A (drawn with deviation in^-1/2) and B (zero) to the linear layers that fit, so that the network computes what
/// it did, and freezes all else but options.also_trained. Throws Error(kInvalidArgument) for a rank below 1 or above
/// the smaller side of a matrix, for patterns that fit no linear layer, and when the network has such tensors already.
void add_lora(Network& network, const LoraOptions& options, std::uint64_t seed);

}  // namespace yourmt3
