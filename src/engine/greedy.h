#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "engine/t5_decoder.h"

namespace yourmt3 {

/// Greedy search over many rows, of which at most `n_slots` are decoded side by side; a row that ends makes place for
/// the next. `memory` is (n_rows, memory_length, d). Token 0 starts a row and is PAD, token 1 is EOS.
std::vector<std::vector<std::int32_t>> decode_greedily(const T5Decoder& decoder, const Compute& compute,
                                                       const float* memory, int n_rows, int memory_length, int n_slots,
                                                       int max_length, LogitProcessor* processor,
                                                       const std::atomic<bool>* stop);

}  // namespace yourmt3
