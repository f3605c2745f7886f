#pragma once

#include <cstdint>

#include "torchnet/network.h"

namespace yourmt3 {

/// Fills all weights for training from scratch, with the distributions of the reference; equal seeds give equal
/// weights.
void initialise(Network& network, std::uint64_t seed);

/// Gives the embeddings of `count` tokens from `first_id` on, which stand for times 0, step_sec, 2 step_sec ..., the
/// code of the encoder's frame at that time, so that attention can find the frame from the first day. The tables must
/// have the same width; throws Error(kInvalidArgument) otherwise.
void initialise_time_embeddings(Network& network, std::int64_t first_id, std::int64_t count, double step_sec);

}  // namespace yourmt3
