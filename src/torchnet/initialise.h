#pragma once

#include <cstdint>

#include "torchnet/initialise_options.h"
#include "torchnet/network.h"

namespace yourmt3 {

/// Fills all weights for training from scratch, with the distributions of the reference; equal seeds give equal
/// weights, and scales of `options` other than 1 move nothing else.
void initialise(Network& network, std::uint64_t seed, const InitialiseOptions& options = {});

/// Gives the embeddings of `count` tokens from `first_id` on, which stand for times 0, step_sec, 2 step_sec ..., the
/// code of the encoder's frame at that time, so that attention can find the frame from the first day. The tables must
/// have the same width; throws Error(kInvalidArgument) otherwise.
void initialise_time_embeddings(Network& network, std::int64_t first_id, std::int64_t count, double step_sec);

}  // namespace yourmt3
