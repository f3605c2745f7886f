#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "yourmt3/precision.h"

namespace yourmt3 {

/// Instruction sets that the inner loops are compiled for.
enum class Isa {
  kPortable,
  kAvx2,
  kAvx512,
  kAvx512Bf16,  ///< And VNNI: dot products of pairs of bfloat16 and of four bytes.
};

/// What is done to each element of a product.
enum class ElementOp { kIdentity, kGelu, kGeluTanh, kSilu, kRelu, kTanh };

/// Keys and values of a decoder row lie in pages of this many positions.
constexpr int kPagePositions = 32;

/// What products read: a float32, two bfloat16 or four bytes, of values that lie side by side in a packed row or
/// column.
typedef std::int32_t Word __attribute__((may_alias));

/// C = op(A·B + bias) * factor + residual for a matrix B in panels, see Linear. Each element of C is one chain of
/// multiply-adds along k, whatever m is: a row's result does not depend on the rows beside it.
struct GemmArgs {
  const Word* a = nullptr;
  std::ptrdiff_t a_stride = 0;  ///< Words from one row to the next.
  int m = 0;
  const Word* panels = nullptr;
  int n = 0;                       ///< Columns of C.
  int k = 0;                       ///< Words in a row of A.
  bool gated = false;              ///< A panel holds B0 and B1 side by side; C = op(A·B0) * (A·B1), n columns.
  const float* bias = nullptr;     ///< Padded with zeros to whole panels; null without. Not with `gated`.
  const float* factors = nullptr;  ///< By row of A; null: 1.
  ElementOp op = ElementOp::kIdentity;
  const float* residual = nullptr;  ///< Laid out as `c`, which it may be; null without.
  std::ptrdiff_t residual_stride = 0;
  float* c = nullptr;
  std::ptrdiff_t c_stride = 0;
  const std::int32_t* c_rows = nullptr;  ///< When set, row i of the product goes to row c_rows[i] of `c`.
  // Bytes only: a word of A holds a + 128, and C is scaled by row and by place in the panels.
  const float* row_scales = nullptr;
  const float* column_scales = nullptr;
  const std::int32_t* starts = nullptr;  ///< -128 times the sum of the column.
};

/// Products in one precision.
struct ProductKernels {
  int values_per_word;
  /// Columns [panel_begin, panel_end) in units of panels.
  void (*gemm)(const GemmArgs& args, int panel_begin, int panel_end);
  /// Packs a row of n values into packed_words(n) words; bytes have a scale of their own for each row.
  void (*pack)(const float* x, int n, Word* out, float* scale);
};

/// Attention of one head over one sequence; all matrices row-major with a stride between rows.
/// out_i = sum_j softmax_j(scale * q_i·k_j + bias[j - i + lq - 1]) v_j
struct AttentionArgs {
  const float *q = nullptr, *k = nullptr, *v = nullptr;
  std::ptrdiff_t q_stride = 0, k_stride = 0, v_stride = 0;
  int lq = 0, lk = 0;
  int d_qk = 0, d_v = 0;
  float scale = 1.f;
  const float* bias = nullptr;  ///< lq + lk - 1 values by relative position; null without.
  bool causal = false;          ///< Query i sees keys 0..i.
  float* out = nullptr;
  std::ptrdiff_t out_stride = 0;
  float* scratch = nullptr;  ///< Kernels::attention_scratch floats.
};

/// Attention of one query of one head over cached keys and values.
struct CachedAttentionArgs {
  const float* q = nullptr;
  int d = 0;                            ///< Width of the head.
  const float* const* pages = nullptr;  ///< Each holds kPagePositions positions of all layers and heads.
  std::ptrdiff_t k_offset = 0;          ///< Of this head's keys in a page: (d, kPagePositions).
  std::ptrdiff_t v_offset = 0;          ///< Of this head's values: (kPagePositions, cached_width(d)).
  int n = 0;                            ///< Positions.
  const float* bias = nullptr;          ///< n values added to the scores; null without.
  float* scores = nullptr;              ///< Scratch: n rounded up to whole pages.
  float* out = nullptr;                 ///< d values.
};

/// Floats that a value of width d takes in a page: whole vectors of the widest instruction set.
constexpr int cached_width(int d) {
  return (d + 15) / 16 * 16;
}

/// The inner loops for one instruction set. All work on the caller's thread and allocate nothing.
struct Kernels {
  Isa isa;
  int lanes;        ///< Floats in a vector.
  int panel_width;  ///< Columns in a panel of a packed matrix, an even number of vectors; the last may be narrower.
  bool fast_bf16;   ///< Products in bfloat16 are faster than in float32.

  ProductKernels f32, bf16, int8;
  /// `precision` is not kAuto.
  const ProductKernels& products(Precision precision) const {
    return precision == Precision::kF32 ? f32 : precision == Precision::kBf16 ? bf16 : int8;
  }
  /// Words of a packed row of n values: whole blocks of vectors, see dots.inc.
  int packed_words(Precision precision, int n) const {
    const int values = products(precision).values_per_word;
    return values == 1 ? n : (n + values * lanes - 1) / (values * lanes) * lanes;
  }
  std::size_t (*attention_scratch)(int lq, int lk, int d_qk, int d_v);
  void (*attention)(const AttentionArgs& args);
  void (*cached_attention)(const CachedAttentionArgs& args);
  /// y = (x - mean) / sqrt(variance + eps) * weight + bias for each row of n.
  void (*layer_norm)(const float* x, int rows, int n, const float* weight, const float* bias, float eps, float* y);
  /// y = x / sqrt(mean(x^2) + eps) * weight.
  void (*rms_norm)(const float* x, int rows, int n, const float* weight, float eps, float* y);
  /// Softmax of the first n of each row's values, in place; zeros behind them to the next whole vector, for which the
  /// stride leaves room.
  void (*softmax)(float* x, int rows, int n, std::ptrdiff_t stride);
  /// Sum of exp(x_i - top) over n values of at most `top`; what lies more than 87 below it adds nothing that counts.
  float (*exp_sum)(const float* x, int n, float top);
  void (*element_op)(ElementOp op, float* x, std::size_t n);
  /// y += factor * x.
  void (*add_scaled)(float factor, const float* x, float* y, std::size_t n);
};

/// Those that this build holds and this processor can run, the slowest first.
std::vector<Isa> supported_isas();
const char* isa_name(Isa isa);
/// Throws Error(kUnsupported) when it is not among supported_isas().
const Kernels& kernels_for(Isa isa);
/// The fastest.
const Kernels& best_kernels();

}  // namespace yourmt3
