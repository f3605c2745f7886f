#pragma once

#include <cstdint>

#include "engine/kernels.h"

namespace yourmt3::cpu_kernels {

/// The loops of cpu_kernels.h for one instruction set, and those that multiply() packs matrices by.
struct Loops {
  /// to[j * to_stride + i] = from[i * from_stride + j]
  void (*transpose)(const Word* from, std::int64_t from_stride, std::int64_t rows, std::int64_t columns, Word* to,
                    std::int64_t to_stride);
  /// Words of two bfloat16 each, from two rows of which either may be null for zeros.
  void (*pair_rows)(const float* low, const float* high, std::int64_t count, Word* out);
  void (*softmax_row)(float* row, std::int64_t width, std::int64_t row_size, float scale);
  void (*softmax_row_backward)(const float* p, float* dp, std::int64_t size, float scale);
  void (*dropout)(const float* x, std::int64_t count, double rate, std::uint64_t seed, std::uint64_t first, float* out);
  void (*bias_gelu)(float* pre, const float* bias, std::int64_t rows, std::int64_t width, float* out);
  void (*gelu_backward)(const float* pre, float* grad, std::int64_t count);
  void (*gated_gelu)(const float* x, std::int64_t rows, std::int64_t width, float* out);
  void (*gated_gelu_backward)(const float* x, const float* grad, std::int64_t rows, std::int64_t width, float* grad_x);
};

/// Those of an instruction set among supported_isas().
const Loops& loops_for(Isa isa);

}  // namespace yourmt3::cpu_kernels
