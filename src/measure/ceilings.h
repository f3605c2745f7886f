#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "measure/peak_loops.h"

namespace yourmt3 {

/// Most operations a second, as loops of nothing else reach them.
struct ArithmeticCeiling {
  Precision kind = Precision::kF32;
  std::string instruction;
  double gflops = 0;  ///< 1e9 operations a second; a multiply-add is two.
};

/// How fast data come from one level of memory, and are copied within it.
struct MemoryCeiling {
  std::string level;           ///< "L2", "L3" or "memory".
  std::size_t bytes = 0;       ///< Read again and again, by all threads together.
  double read_gb_per_sec = 0;  ///< 1e9 bytes.
  double copy_gb_per_sec = 0;  ///< Bytes read and bytes written.
};

struct Ceilings {
  int n_threads = 1;
  std::vector<ArithmeticCeiling> arithmetic;  ///< By kind; kF32 is always there.
  std::vector<MemoryCeiling> memory;          ///< From the fastest to the slowest.

  /// None where the processor has no instruction for it.
  std::optional<double> gflops(Precision kind) const;
};

/// What this machine reaches now, as best of several tries: whatever else runs meanwhile takes its share. Takes about
/// a second, and memory of four times the last cache, at most a quarter of the machine's.
Ceilings measure_ceilings(int n_threads);

}  // namespace yourmt3
