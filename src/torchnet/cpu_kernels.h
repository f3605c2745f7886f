#pragma once

#include <cstdint>

#include "engine/kernels.h"

namespace yourmt3::cpu_kernels {

// Loops that training small networks on a processor spends its time in, one thread, float32, for the best of the
// instruction sets that the processor has.

/// A matrix in memory: element (i, j) is data[i * row_stride + j], or data[j * row_stride + i] when transposed.
struct MatrixView {
  const float* data;
  std::int64_t row_stride;
  bool transposed = false;
};

/// C (m, n) = A (m, k) B (k, n), added to what is there with `accumulate`; C's rows are `c_stride` apart.
void multiply(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
              std::int64_t c_stride, bool accumulate);

/// While one lives multiply() rounds what it reads to bfloat16, in any thread; sums stay float32. Of use where the
/// processor multiplies pairs of bfloat16 (Kernels::fast_bf16), in half the time.
class RoundedProducts {
 public:
  RoundedProducts();
  ~RoundedProducts();
  RoundedProducts(const RoundedProducts&) = delete;
  RoundedProducts& operator=(const RoundedProducts&) = delete;
};

/// While one lives all loops are those of one instruction set, in any thread: for tests.
class FixedIsa {
 public:
  /// Throws Error(kUnsupported) when it is not among supported_isas().
  explicit FixedIsa(Isa isa);
  ~FixedIsa();
  FixedIsa(const FixedIsa&) = delete;
  FixedIsa& operator=(const FixedIsa&) = delete;
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
