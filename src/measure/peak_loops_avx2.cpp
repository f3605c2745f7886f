#include "measure/peak_loops.h"

namespace yourmt3 {
namespace {

constexpr int kChains = 12;
constexpr int kLanes = 8;

#include "measure/peak_loop.inc"

#include "measure/peak_float.inc"

}  // namespace

extern const PeakLoops peak_loops_avx2;
const PeakLoops peak_loops_avx2 = {{Precision::kF32, "AVX2 FMA", 2.0 * kChains* kLanes, multiply_add}, read};

}  // namespace yourmt3
