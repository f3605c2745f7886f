#pragma once

#include <cstdint>

namespace yourmt3::cpu_kernels {

// Loops that training small networks on a processor spends its time in, one thread, AVX-512. Measured on a
// Xeon with 268 GFLOP/s a core: products of (412, 192) by (192, 768) run at 4 times the speed of libtorch 1.13's
// float32 and 2.5 times that of its bfloat16 ones, which repack their operands for every call.

/// Whether this processor can run the others.
bool available();

/// A matrix in memory: element (i, j) is data[i * row_stride + j], or data[j * row_stride + i] when transposed.
struct MatrixView {
  const float* data;
  std::int64_t row_stride;
  bool transposed = false;
};

/// C (m, n) = A (m, k) B (k, n), added to what is there with `accumulate`; C's rows are `c_stride` apart. As the function
/// below that RoundedProducts asks for.
void multiply(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
              std::int64_t c_stride, bool accumulate);
void multiply_float32(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
                      std::int64_t c_stride, bool accumulate);
/// Rounds what it reads to bfloat16; sums are float32. Where bfloat16_available().
void multiply_bfloat16(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
                       std::int64_t c_stride, bool accumulate);

/// Whether this processor multiplies pairs of bfloat16, which takes half the time.
bool bfloat16_available();

/// While one lives multiply() rounds what it reads to bfloat16, in any thread. Where bfloat16_available().
class RoundedProducts {
 public:
  RoundedProducts();
  ~RoundedProducts();
  RoundedProducts(const RoundedProducts&) = delete;
  RoundedProducts& operator=(const RoundedProducts&) = delete;
};

/// Softmax of the first `width` values of a row times `scale`, in place. Values behind them become 0 up to `row_size`.
void softmax_row(float* row, std::int64_t width, std::int64_t row_size, float scale);

/// ds = scale p (dp - sum(p dp)), in place of dp.
void softmax_row_backward(const float* p, float* dp, std::int64_t size, float scale);

/// out = x where a number drawn for its place, a pure function of `seed` and i + first, is kept, divided by 1 - rate; 0
/// elsewhere. `first` + `count` are below 2^32. `out` may be `x`.
void dropout(const float* x, std::int64_t count, double rate, std::uint64_t seed, std::uint64_t first, float* out);

/// x + bias of each column, then the exact GELU: pre (rows, width) is overwritten by x + bias, out receives GELU of it.
void bias_gelu(float* pre, const float* bias, std::int64_t rows, std::int64_t width, float* out);
/// grad *= GELU'(pre).
void gelu_backward(const float* pre, float* grad, std::int64_t count);

/// out (rows, width) = tanh-GELU(x[:, :width]) x[:, width:] for x (rows, 2 width).
void gated_gelu(const float* x, std::int64_t rows, std::int64_t width, float* out);
/// The gradient with respect to x.
void gated_gelu_backward(const float* x, const float* grad, std::int64_t rows, std::int64_t width, float* grad_x);

}  // namespace yourmt3::cpu_kernels
