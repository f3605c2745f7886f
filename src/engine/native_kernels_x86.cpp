#include <vector>

#include "engine/kernels.h"

namespace yourmt3 {

extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
extern const Kernels kernels_avx512_bf16;

std::vector<const Kernels*> runnable_native_kernels();
std::vector<const Kernels*> runnable_native_kernels() {
  std::vector<const Kernels*> all;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(&kernels_avx2);
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (avx512) all.push_back(&kernels_avx512);
  if (avx512 && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni")) {
    all.push_back(&kernels_avx512_bf16);
  }
  return all;
}

}  // namespace yourmt3
