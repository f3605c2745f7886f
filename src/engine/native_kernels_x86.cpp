#include <vector>

#include "engine/kernels.h"

namespace yourmt3 {

extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;

std::vector<const Kernels*> runnable_native_kernels();
std::vector<const Kernels*> runnable_native_kernels() {
  std::vector<const Kernels*> all;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(&kernels_avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    all.push_back(&kernels_avx512);
  }
  return all;
}

}  // namespace yourmt3
