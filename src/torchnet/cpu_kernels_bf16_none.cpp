#include <cstdlib>

#include "torchnet/cpu_kernels.h"

// For processors whose compiler knows no products of bfloat16.

namespace yourmt3::cpu_kernels {

bool bfloat16_available() {
  return false;
}

void multiply_bfloat16(std::int64_t, std::int64_t, std::int64_t, MatrixView, MatrixView, float*, std::int64_t, bool) {
  std::abort();
}

}  // namespace yourmt3::cpu_kernels
