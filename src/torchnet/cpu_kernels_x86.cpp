#include "torchnet/cpu_loops.h"

namespace yourmt3::cpu_kernels {

extern const Loops loops_portable, loops_avx2, loops_avx512;

const Loops& loops_for(Isa isa) {
  return isa == Isa::kPortable ? loops_portable : isa == Isa::kAvx2 ? loops_avx2 : loops_avx512;
}

}  // namespace yourmt3::cpu_kernels
