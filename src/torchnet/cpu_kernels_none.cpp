#include <cstdlib>

#include "torchnet/cpu_kernels.h"

// For processors whose compiler knows no AVX-512: available() is false, and nobody calls the rest.

namespace yourmt3::cpu_kernels {

bool available() {
  return false;
}

void multiply_float32(std::int64_t, std::int64_t, std::int64_t, MatrixView, MatrixView, float*, std::int64_t, bool) {
  std::abort();
}
void softmax_row(float*, std::int64_t, std::int64_t, float) {
  std::abort();
}
void softmax_row_backward(const float*, float*, std::int64_t, float) {
  std::abort();
}
void dropout(const float*, std::int64_t, double, std::uint64_t, std::uint64_t, float*) {
  std::abort();
}
void bias_gelu(float*, const float*, std::int64_t, std::int64_t, float*) {
  std::abort();
}
void gelu_backward(const float*, float*, std::int64_t) {
  std::abort();
}
void gated_gelu(const float*, std::int64_t, std::int64_t, float*) {
  std::abort();
}
void gated_gelu_backward(const float*, const float*, std::int64_t, std::int64_t, float*) {
  std::abort();
}

}  // namespace yourmt3::cpu_kernels
