#include "measure/peak_loops.h"

namespace yourmt3 {
namespace {

constexpr int kChains = 24;
constexpr int kLanes = 16;

#include "measure/peak_loop.inc"

#include "measure/peak_float.inc"

}  // namespace

extern const PeakLoops peak_loops_avx512;
const PeakLoops peak_loops_avx512 = {{Precision::kF32, "AVX-512 FMA", 2.0 * kChains* kLanes, multiply_add}, read};

}  // namespace yourmt3
