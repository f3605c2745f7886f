#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "yourmt3/precision.h"

namespace yourmt3 {

/// A loop of nothing but multiply-adds of one instruction, in chains enough that none waits for another.
struct PeakLoop {
  Precision kind;  ///< Not kAuto.
  const char* instruction;
  double operations;  ///< Of one round; a multiply-add is two.
  void (*run)(std::int64_t rounds);
};

/// The loops of one instruction set; the best of a processor is the last that it runs.
struct PeakLoops {
  PeakLoop multiply_add;
  /// Sum of `n` floats: a loop of nothing but loads and the fewest additions that keep the compiler from leaving them
  /// out.
  float (*read)(const float* data, std::size_t n);
};

/// The loops that this build holds and this processor runs, the slowest instruction set first.
std::vector<PeakLoops> runnable_peak_loops();
/// Those for products of narrower numbers; empty on processors without.
std::vector<PeakLoop> runnable_narrow_loops();

}  // namespace yourmt3
