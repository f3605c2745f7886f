#include "torchnet/cpu_kernels.h"

#include <atomic>

namespace yourmt3::cpu_kernels {
namespace {

std::atomic<int> rounded_products = 0;  // Scopes that are open.

}  // namespace

RoundedProducts::RoundedProducts() {
  ++rounded_products;
}

RoundedProducts::~RoundedProducts() {
  --rounded_products;
}

void multiply(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
              std::int64_t c_stride, bool accumulate) {
  (rounded_products > 0 ? multiply_bfloat16 : multiply_float32)(m, n, k, a, b, c, c_stride, accumulate);
}

}  // namespace yourmt3::cpu_kernels
