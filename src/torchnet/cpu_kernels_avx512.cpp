#include "torchnet/cpu_loops.h"

namespace yourmt3::cpu_kernels {
namespace {

constexpr int kLanes = 16;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/rounding.inc"

#include "torchnet/cpu_kernels.inc"

}  // namespace

extern const Loops loops_avx512;
const Loops loops_avx512 = kLoops;

}  // namespace yourmt3::cpu_kernels
