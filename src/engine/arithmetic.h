#pragma once

#include "engine/kernels.h"
#include "yourmt3/precision.h"

namespace yourmt3 {

/// How a layer computes its products: by which inner loops, and in which numbers. Layers are built for it.
struct Arithmetic {
  // Not explicit: where only the kernels are given, products are exact.
  Arithmetic(const Kernels& k, Precision p = Precision::kF32) : kernels(k), precision(p) {}

  /// For layers whose small errors would change what is decided: logits, routers.
  Arithmetic exact() const { return {kernels}; }

  const Kernels& kernels;
  Precision precision;  ///< Never kAuto.
};

/// What a user's choice means with these kernels: kAuto is kBf16 where they have instructions for it, else kF32. The
/// other choices are kept: without instructions they cost time, but compute what they say.
Precision resolve(Precision wanted, const Kernels& kernels);

}  // namespace yourmt3
