#pragma once

#include <optional>
#include <string_view>

#include "yourmt3/export.h"

namespace yourmt3 {

/// In what numbers the large products of a network are computed. Sums, norms, softmax and logits are float32 always.
enum class Precision {
  kAuto,  ///< kBf16 where the processor has instructions for it, else kF32.
  kF32,   ///< Equal to the reference within rounding.
  kBf16,  ///< Factors with 8 bits of mantissa; half the memory for weights.
  kInt8,  ///< Factors with 8 bits: weights by output, activations by row or tensor.
};

/// "auto", "f32", "bf16" or "int8".
YOURMT3_API const char* precision_name(Precision precision);
/// Empty for any other text.
YOURMT3_API std::optional<Precision> precision_from_name(std::string_view name);

}  // namespace yourmt3
