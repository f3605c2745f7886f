#include "measure/peak_loops.h"

namespace yourmt3 {

extern const PeakLoops peak_loops_avx2;
extern const PeakLoops peak_loops_avx512;
extern const PeakLoop peak_loop_bf16;
extern const PeakLoop peak_loop_vnni;

std::vector<PeakLoops> runnable_native_loops();
std::vector<PeakLoops> runnable_native_loops() {
  std::vector<PeakLoops> all;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(peak_loops_avx2);
  if (__builtin_cpu_supports("avx512f")) all.push_back(peak_loops_avx512);
  return all;
}

std::vector<PeakLoop> runnable_narrow_loops() {
  std::vector<PeakLoop> all;
  if (__builtin_cpu_supports("avx512bf16")) all.push_back(peak_loop_bf16);
  if (__builtin_cpu_supports("avx512vnni")) all.push_back(peak_loop_vnni);
  return all;
}

}  // namespace yourmt3
