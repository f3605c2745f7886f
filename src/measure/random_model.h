#pragma once

#include <cstdint>

#include "model/weights.h"

namespace yourmt3 {

/// A network with random weights, for measuring speed and memory of a size that one has no weights for. It writes
/// nonsense, and mostly sequences of the greatest length, so that decoding costs more than with trained weights.
Model random_model(const ModelConfig& config, std::uint32_t seed);

}  // namespace yourmt3
