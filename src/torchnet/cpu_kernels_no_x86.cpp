#include "torchnet/cpu_loops.h"

// For processors other than x86-64: their own instructions are those of the portable loops.

namespace yourmt3::cpu_kernels {

extern const Loops loops_portable;

const Loops& loops_for(Isa) {
  return loops_portable;
}

}  // namespace yourmt3::cpu_kernels
