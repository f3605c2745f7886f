#include "measure/peak_loops.h"

namespace yourmt3 {
namespace {

constexpr int kChains = 12;
constexpr int kLanes = 4;

#include "measure/peak_loop.inc"

#include "measure/peak_float.inc"

}  // namespace

extern const PeakLoops peak_loops_portable;
const PeakLoops peak_loops_portable = {{Precision::kF32, "multiply and add", 2.0 * kChains* kLanes, multiply_add},
                                       read};

}  // namespace yourmt3
