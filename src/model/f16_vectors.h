#pragma once

#include <cstddef>

namespace yourmt3 {

/// Converts little-endian halves to float32 by the processor's own instruction, as many of the first of `n` as fill
/// whole vectors, and returns their number: 0 where there is no such instruction. Bit for bit as detail::f16_to_f32().
std::size_t convert_f16_vectors(const std::byte* halves, std::size_t n, float* out);

}  // namespace yourmt3
