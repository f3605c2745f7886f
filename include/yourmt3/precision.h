#pragma once

namespace yourmt3 {

/// In what numbers the large products of a network are computed. Sums, norms, softmax and logits are float32 always.
enum class Precision {
  kAuto,  ///< kBf16 where the processor has instructions for it, else kF32.
  kF32,   ///< Equal to the reference within rounding.
  kBf16,  ///< Factors with 8 bits of mantissa; half the memory for weights.
  kInt8,  ///< Factors with 8 bits: weights by output, activations by row or tensor.
};

}  // namespace yourmt3
