#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "torchnet/cpu_kernels.h"

namespace yourmt3::cpu_kernels {
namespace {

constexpr int kRows = 14;  // 28 accumulators, two registers of B, one for a broadcast: 31 of 32.
constexpr int kColumns = 32;
constexpr std::int64_t kDepth = 256;  // A panel of B takes 32 KB: it and the rows of A stay in the first-level cache.

struct Scratch {
  std::vector<float> a, b;
};

Scratch& scratch() {
  thread_local Scratch buffers;
  return buffers;
}

/// `count` (at most 16) values that lie `stride` apart.
__m512 gather(const float* data, std::int64_t stride, int count) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i offsets = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(static_cast<int>(stride)));
  const auto mask = static_cast<__mmask16>((1u << count) - 1);
  return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, offsets, data, 4);
}

__m512 load(const float* data, int count) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), data);
}

/// Depth by kColumns, zero behind the last column.
void pack_b(MatrixView b, std::int64_t k0, std::int64_t depth, std::int64_t j0, std::int64_t columns, float* out) {
  const int low = static_cast<int>(std::min<std::int64_t>(columns, 16));
  const int high = static_cast<int>(std::max<std::int64_t>(columns - 16, 0));
  for (std::int64_t k = 0; k < depth; ++k, out += kColumns) {
    if (b.transposed) {
      const float* source = b.data + j0 * b.row_stride + k0 + k;
      _mm512_storeu_ps(out, gather(source, b.row_stride, low));
      _mm512_storeu_ps(out + 16, gather(high > 0 ? source + 16 * b.row_stride : source, b.row_stride, high));
    } else {
      const float* source = b.data + (k0 + k) * b.row_stride + j0;
      _mm512_storeu_ps(out, load(source, low));
      _mm512_storeu_ps(out + 16, load(source + 16, high));
    }
  }
}

/// Depth by kRows.
void pack_a(MatrixView a, std::int64_t i0, int rows, std::int64_t k0, std::int64_t depth, float* out) {
  for (std::int64_t k = 0; k < depth; ++k, out += kRows) {
    const __m512 values = a.transposed ? load(a.data + (k0 + k) * a.row_stride + i0, rows)
                                       : gather(a.data + i0 * a.row_stride + k0 + k, a.row_stride, rows);
    _mm512_mask_storeu_ps(out, (1u << kRows) - 1, values);
  }
}

template <int rows>
void tile(std::int64_t depth, const float* a, const float* b, float* c, std::int64_t c_stride, std::int64_t columns,
          bool accumulate) {
  __m512 sums[rows][2];
#pragma GCC unroll 14
  for (int i = 0; i < rows; ++i) sums[i][0] = sums[i][1] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < depth; ++k, a += kRows, b += kColumns) {
    const __m512 left = _mm512_loadu_ps(b), right = _mm512_loadu_ps(b + 16);
#pragma GCC unroll 14
    for (int i = 0; i < rows; ++i) {
      const __m512 value = _mm512_set1_ps(a[i]);
      sums[i][0] = _mm512_fmadd_ps(value, left, sums[i][0]);
      sums[i][1] = _mm512_fmadd_ps(value, right, sums[i][1]);
    }
  }
  const std::uint32_t mask = columns >= 32 ? 0xffffffffu : (1u << columns) - 1;
  const auto low = static_cast<__mmask16>(mask), high = static_cast<__mmask16>(mask >> 16);
#pragma GCC unroll 14
  for (int i = 0; i < rows; ++i, c += c_stride) {
    if (accumulate) {
      sums[i][0] = _mm512_add_ps(sums[i][0], _mm512_maskz_loadu_ps(low, c));
      sums[i][1] = _mm512_add_ps(sums[i][1], _mm512_maskz_loadu_ps(high, c + 16));
    }
    _mm512_mask_storeu_ps(c, low, sums[i][0]);
    _mm512_mask_storeu_ps(c + 16, high, sums[i][1]);
  }
}

using Tile = void (*)(std::int64_t, const float*, const float*, float*, std::int64_t, std::int64_t, bool);
constexpr Tile kTiles[kRows + 1] = {nullptr, tile<1>, tile<2>,  tile<3>,  tile<4>,  tile<5>,  tile<6>, tile<7>,
                                    tile<8>, tile<9>, tile<10>, tile<11>, tile<12>, tile<13>, tile<14>};

/// exp to 2e-7, by 2^n times a polynomial in the remainder; below -87 it is 0.
__m512 exp16(__m512 x) {
  const __mmask16 tiny = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-87.f), _CMP_LT_OQ);
  x = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-87.f)), _mm512_set1_ps(88.f));
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 0);
  // ln 2 in two parts, so that the remainder keeps its digits.
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  // Taylor to the 7th power: 0.35^8 / 8! is 6e-9.
  __m512 p = _mm512_set1_ps(1.f / 5040);
  for (const float coefficient : {1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 0.5f, 1.f, 1.f}) {
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(coefficient));
  }
  return _mm512_mask_mov_ps(_mm512_scalef_ps(p, n), tiny, _mm512_setzero_ps());
}

__m512 tanh16(__m512 x) {
  const __m512 one = _mm512_set1_ps(1.f), two = _mm512_set1_ps(2.f);
  return _mm512_sub_ps(one, _mm512_div_ps(two, _mm512_add_ps(exp16(_mm512_mul_ps(two, x)), one)));
}

/// Source: Abramowitz and Stegun, 7.1.26; off by at most 1.5e-7. `decay` receives exp(-x^2).
__m512 erf16(__m512 x, __m512& decay) {
  const __m512 size = _mm512_abs_ps(x);
  const __m512 t =
      _mm512_div_ps(_mm512_set1_ps(1.f), _mm512_fmadd_ps(_mm512_set1_ps(0.3275911f), size, _mm512_set1_ps(1.f)));
  __m512 p = _mm512_set1_ps(1.061405429f);
  for (const float coefficient : {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f}) {
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(coefficient));
  }
  decay = exp16(_mm512_mul_ps(_mm512_sub_ps(_mm512_setzero_ps(), size), size));
  const __m512 value = _mm512_fnmadd_ps(_mm512_mul_ps(p, t), decay, _mm512_set1_ps(1.f));
  return _mm512_mask_sub_ps(value, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ), _mm512_setzero_ps(), value);
}

const float kRootHalf = 0.70710678f;

/// Calls body(offset, mask) over `count` values, sixteen at a time.
template <class Body>
void by_sixteen(std::int64_t count, const Body& body) {
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) body(i, static_cast<__mmask16>(0xffff));
  if (i < count) body(i, static_cast<__mmask16>((1u << (count - i)) - 1));
}

/// tanh-GELU and its derivative.
__m512 gelu_tanh16(__m512 x, __m512& slope) {
  const __m512 root = _mm512_set1_ps(0.79788456f), cubic = _mm512_set1_ps(0.044715f);
  const __m512 half = _mm512_set1_ps(0.5f), one = _mm512_set1_ps(1.f);
  const __m512 square = _mm512_mul_ps(x, x);
  const __m512 t = tanh16(_mm512_mul_ps(_mm512_mul_ps(root, x), _mm512_fmadd_ps(cubic, square, one)));
  const __m512 bell = _mm512_fnmadd_ps(t, t, one);
  const __m512 inner = _mm512_mul_ps(root, _mm512_fmadd_ps(_mm512_set1_ps(3 * 0.044715f), square, one));
  const __m512 half_x = _mm512_mul_ps(half, x);
  slope = _mm512_fmadd_ps(_mm512_mul_ps(half_x, bell), inner, _mm512_fmadd_ps(half, t, half));
  return _mm512_fmadd_ps(half_x, t, half_x);
}

}  // namespace

bool available() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

void multiply_float32(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
                      std::int64_t c_stride, bool accumulate) {
  const std::int64_t panels = (n + kColumns - 1) / kColumns;
  Scratch& buffers = scratch();
  const std::int64_t deepest = std::min(k, kDepth);
  if (buffers.a.size() < static_cast<std::size_t>(deepest * kRows + 16))
    buffers.a.resize(static_cast<std::size_t>(deepest * kRows + 16));
  if (buffers.b.size() < static_cast<std::size_t>(deepest * panels * kColumns)) {
    buffers.b.resize(static_cast<std::size_t>(deepest * panels * kColumns));
  }
  for (std::int64_t k0 = 0; k0 < k; k0 += kDepth) {
    const std::int64_t depth = std::min(k - k0, kDepth);
    for (std::int64_t p = 0; p < panels; ++p) {
      pack_b(b, k0, depth, p * kColumns, std::min<std::int64_t>(n - p * kColumns, kColumns),
             buffers.b.data() + p * depth * kColumns);
    }
    for (std::int64_t i0 = 0; i0 < m; i0 += kRows) {
      const int rows = static_cast<int>(std::min<std::int64_t>(m - i0, kRows));
      pack_a(a, i0, rows, k0, depth, buffers.a.data());
      for (std::int64_t p = 0; p < panels; ++p) {
        kTiles[rows](depth, buffers.a.data(), buffers.b.data() + p * depth * kColumns, c + i0 * c_stride + p * kColumns,
                     c_stride, n - p * kColumns, accumulate || k0 > 0);
      }
    }
  }
}

void softmax_row(float* row, std::int64_t width, std::int64_t row_size, float factor) {
  __m512 top = _mm512_set1_ps(-3.4e38f);
  by_sixteen(width, [&](std::int64_t i, __mmask16 mask) {
    top = _mm512_max_ps(top, _mm512_mask_loadu_ps(top, mask, row + i));
  });
  const __m512 highest = _mm512_set1_ps(_mm512_reduce_max_ps(top)), factors = _mm512_set1_ps(factor);
  __m512 sum = _mm512_setzero_ps();
  by_sixteen(width, [&](std::int64_t i, __mmask16 mask) {
    const __m512 e = exp16(_mm512_mul_ps(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, row + i), highest), factors));
    sum = _mm512_mask_add_ps(sum, mask, sum, e);
    _mm512_mask_storeu_ps(row + i, mask, e);
  });
  const __m512 scale = _mm512_set1_ps(1.f / _mm512_reduce_add_ps(sum));
  by_sixteen(width, [&](std::int64_t i, __mmask16 mask) {
    _mm512_mask_storeu_ps(row + i, mask, _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, row + i), scale));
  });
  std::fill(row + width, row + row_size, 0.f);
}

void softmax_row_backward(const float* p, float* dp, std::int64_t size, float scale) {
  __m512 sum = _mm512_setzero_ps();
  by_sixteen(size, [&](std::int64_t i, __mmask16 mask) {
    sum = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, p + i), _mm512_maskz_loadu_ps(mask, dp + i), sum);
  });
  const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum));
  by_sixteen(size, [&](std::int64_t i, __mmask16 mask) {
    const __m512 difference = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, dp + i), mean);
    const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, p + i), _mm512_set1_ps(scale));
    _mm512_mask_storeu_ps(dp + i, mask, _mm512_mul_ps(scaled, difference));
  });
}

void dropout(const float* x, std::int64_t count, double rate, std::uint64_t seed, std::uint64_t first, float* out) {
  const __m512 scale = _mm512_set1_ps(static_cast<float>(1 / (1 - rate)));
  const __m512i limit = _mm512_set1_epi32(static_cast<int>(static_cast<std::uint32_t>(rate * 4294967296.0)));
  const __m512i low = _mm512_set1_epi32(static_cast<int>(static_cast<std::uint32_t>(seed)));
  const __m512i high = _mm512_set1_epi32(static_cast<int>(static_cast<std::uint32_t>(seed >> 32)));
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  // Source: the finaliser of MurmurHash3 (A. Appleby, public domain), once for each half of the seed.
  const auto mixed = [](__m512i h) {
    h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 16)),
                           _mm512_set1_epi32(static_cast<int>(0x85ebca6bu)));
    h = _mm512_mullo_epi32(_mm512_xor_si512(h, _mm512_srli_epi32(h, 13)),
                           _mm512_set1_epi32(static_cast<int>(0xc2b2ae35u)));
    return _mm512_xor_si512(h, _mm512_srli_epi32(h, 16));
  };
  by_sixteen(count, [&](std::int64_t i, __mmask16 mask) {
    const auto place = static_cast<std::uint32_t>(first + static_cast<std::uint64_t>(i));
    const __m512i index = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(place)), lanes);
    const __m512i drawn = mixed(_mm512_add_epi32(mixed(_mm512_xor_si512(index, low)), high));
    const __mmask16 kept = _mm512_mask_cmpge_epu32_mask(mask, drawn, limit);
    _mm512_mask_storeu_ps(out + i, mask, _mm512_maskz_mul_ps(kept, _mm512_maskz_loadu_ps(kept, x + i), scale));
  });
}

void bias_gelu(float* pre, const float* bias, std::int64_t rows, std::int64_t width, float* out) {
  for (std::int64_t r = 0; r < rows; ++r, pre += width, out += width) {
    by_sixteen(width, [&](std::int64_t i, __mmask16 mask) {
      const __m512 x = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, pre + i), _mm512_maskz_loadu_ps(mask, bias + i));
      __m512 decay;
      const __m512 error = erf16(_mm512_mul_ps(x, _mm512_set1_ps(kRootHalf)), decay);
      const __m512 half = _mm512_mul_ps(_mm512_set1_ps(0.5f), x);
      _mm512_mask_storeu_ps(pre + i, mask, x);
      _mm512_mask_storeu_ps(out + i, mask, _mm512_fmadd_ps(half, error, half));
    });
  }
}

void gelu_backward(const float* pre, float* grad, std::int64_t count) {
  by_sixteen(count, [&](std::int64_t i, __mmask16 mask) {
    const __m512 x = _mm512_maskz_loadu_ps(mask, pre + i);
    const __m512 half = _mm512_set1_ps(0.5f);
    __m512 decay;
    const __m512 error = erf16(_mm512_mul_ps(x, _mm512_set1_ps(kRootHalf)), decay);
    // 1/2 (1 + erf(x / sqrt 2)) + x exp(-x^2 / 2) / sqrt(2 pi)
    const __m512 slope =
        _mm512_fmadd_ps(_mm512_mul_ps(x, _mm512_set1_ps(0.39894228f)), decay, _mm512_fmadd_ps(half, error, half));
    _mm512_mask_storeu_ps(grad + i, mask, _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, grad + i), slope));
  });
}

void gated_gelu(const float* x, std::int64_t rows, std::int64_t width, float* out) {
  for (std::int64_t r = 0; r < rows; ++r, x += 2 * width, out += width) {
    by_sixteen(width, [&](std::int64_t i, __mmask16 mask) {
      __m512 slope;
      const __m512 value = gelu_tanh16(_mm512_maskz_loadu_ps(mask, x + i), slope);
      _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(value, _mm512_maskz_loadu_ps(mask, x + width + i)));
    });
  }
}

void gated_gelu_backward(const float* x, const float* grad, std::int64_t rows, std::int64_t width, float* grad_x) {
  for (std::int64_t r = 0; r < rows; ++r, x += 2 * width, grad += width, grad_x += 2 * width) {
    by_sixteen(width, [&](std::int64_t i, __mmask16 mask) {
      __m512 slope;
      const __m512 value = gelu_tanh16(_mm512_maskz_loadu_ps(mask, x + i), slope);
      const __m512 g = _mm512_maskz_loadu_ps(mask, grad + i);
      const __m512 gate = _mm512_maskz_loadu_ps(mask, x + width + i);
      _mm512_mask_storeu_ps(grad_x + i, mask, _mm512_mul_ps(_mm512_mul_ps(g, gate), slope));
      _mm512_mask_storeu_ps(grad_x + width + i, mask, _mm512_mul_ps(g, value));
    });
  }
}

}  // namespace yourmt3::cpu_kernels
