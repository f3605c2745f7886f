#include <immintrin.h>

#include <algorithm>
#include <vector>

#include "torchnet/cpu_kernels.h"

namespace yourmt3::cpu_kernels {
namespace {

// Values that lie side by side along k go through the processor in pairs, a word each.
using Word = std::uint32_t;

constexpr int kRows = 14;  // 28 accumulators, two registers of B, one for a broadcast: 31 of 32.
constexpr int kColumns = 32;
constexpr std::int64_t kDepth = 512;  // A panel of B takes 32 KB: it and the rows of A stay in the first-level cache.
constexpr std::int64_t kDepthWords = kDepth / 2;

struct Scratch {
  std::vector<Word> a, b, columns;
};

Scratch& scratch() {
  thread_local Scratch buffers;
  return buffers;
}

__mmask16 first(std::int64_t count) {
  return static_cast<__mmask16>((1u << std::clamp<std::int64_t>(count, 0, 16)) - 1);
}

__m512i rounded(__m512 values) {
  return _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values)));
}

/// Words of the values of two rows, at most 16.
__m512i paired(const float* even, const float* odd, std::int64_t count) {
  const __m512i low = rounded(_mm512_maskz_loadu_ps(first(count), even));
  if (odd == nullptr) return low;
  return _mm512_or_si512(low, _mm512_slli_epi32(rounded(_mm512_maskz_loadu_ps(first(count), odd)), 16));
}

/// Words of `depth` values that lie side by side; zeros behind them up to whole vectors.
void pack_row(const float* values, std::int64_t depth, Word* out) {
  for (std::int64_t k = 0; k < depth; k += 32, out += 16) {
    const __m512 low = _mm512_maskz_loadu_ps(first(depth - k), values + k);
    const __m512 high = _mm512_maskz_loadu_ps(first(depth - k - 16), values + k + 16);
    _mm512_storeu_si512(out, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
  }
}

/// Depth / 2 by kColumns words, zero behind the last column.
void pack_b(MatrixView b, std::int64_t k0, std::int64_t depth, std::int64_t j0, std::int64_t columns, Word* out) {
  if (!b.transposed) {
    for (std::int64_t k = 0; k < depth; k += 2, out += kColumns) {
      const float* even = b.data + (k0 + k) * b.row_stride + j0;
      const float* odd = k + 1 < depth ? even + b.row_stride : nullptr;
      _mm512_storeu_si512(out, paired(even, odd, columns));
      _mm512_storeu_si512(out + 16, paired(even + 16, odd == nullptr ? nullptr : odd + 16, columns - 16));
    }
    return;
  }
  std::vector<Word>& packed = scratch().columns;
  packed.resize(kColumns * kDepthWords);
  std::fill(packed.begin() + columns * kDepthWords, packed.end(), Word{0});
  for (std::int64_t j = 0; j < columns; ++j) {
    pack_row(b.data + (j0 + j) * b.row_stride + k0, depth, packed.data() + j * kDepthWords);
  }
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i offsets = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(static_cast<int>(kDepthWords)));
  for (std::int64_t k = 0; 2 * k < depth; ++k, out += kColumns) {
    _mm512_storeu_si512(out, _mm512_i32gather_epi32(offsets, packed.data() + k, 4));
    _mm512_storeu_si512(out + 16, _mm512_i32gather_epi32(offsets, packed.data() + 16 * kDepthWords + k, 4));
  }
}

/// Words (i, k) of a block of A at i * row + k * step: rows of kDepthWords, or columns of kRows when A is transposed.
template <bool transposed>
struct BlockOfA {
  static constexpr std::int64_t row = transposed ? 1 : kDepthWords, step = transposed ? kRows : 1;

  static void pack(MatrixView a, std::int64_t i0, int rows, std::int64_t k0, std::int64_t depth, Word* out) {
    if constexpr (transposed) {
      for (std::int64_t k = 0; k < depth; k += 2, out += kRows) {
        const float* even = a.data + (k0 + k) * a.row_stride + i0;
        _mm512_mask_storeu_epi32(out, first(kRows),
                                 paired(even, k + 1 < depth ? even + a.row_stride : nullptr, rows));
      }
    } else {
      for (int i = 0; i < rows; ++i) pack_row(a.data + (i0 + i) * a.row_stride + k0, depth, out + i * kDepthWords);
    }
  }
};

template <int rows, bool transposed>
void tile(std::int64_t words, const Word* a, const Word* b, float* c, std::int64_t c_stride, std::int64_t columns,
          bool accumulate) {
  using Block = BlockOfA<transposed>;
  __m512 sums[rows][2];
#pragma GCC unroll 14
  for (int i = 0; i < rows; ++i) sums[i][0] = sums[i][1] = _mm512_setzero_ps();
  for (std::int64_t k = 0; k < words; ++k, a += Block::step, b += kColumns) {
    const auto left = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b));
    const auto right = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + 16));
#pragma GCC unroll 14
    for (int i = 0; i < rows; ++i) {
      const auto pair = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(a[i * Block::row])));
      sums[i][0] = _mm512_dpbf16_ps(sums[i][0], pair, left);
      sums[i][1] = _mm512_dpbf16_ps(sums[i][1], pair, right);
    }
  }
  const __mmask16 low = first(columns), high = first(columns - 16);
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

/// The tile of so many rows, at most `most`.
template <bool transposed, int most = kRows>
void tile_of(int rows, std::int64_t words, const Word* a, const Word* b, float* c, std::int64_t c_stride,
             std::int64_t columns, bool accumulate) {
  if constexpr (most > 1) {
    if (rows < most) return tile_of<transposed, most - 1>(rows, words, a, b, c, c_stride, columns, accumulate);
  }
  tile<most, transposed>(words, a, b, c, c_stride, columns, accumulate);
}

template <bool transposed>
void multiply_blocks(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
                     std::int64_t c_stride, bool accumulate) {
  const std::int64_t panels = (n + kColumns - 1) / kColumns;
  Scratch& buffers = scratch();
  buffers.a.resize(kRows * kDepthWords + 16);
  const auto b_size = static_cast<std::size_t>(kDepthWords * panels * kColumns);
  if (buffers.b.size() < b_size) buffers.b.resize(b_size);
  for (std::int64_t k0 = 0; k0 < k; k0 += kDepth) {
    const std::int64_t depth = std::min(k - k0, kDepth), words = (depth + 1) / 2;
    for (std::int64_t p = 0; p < panels; ++p) {
      pack_b(b, k0, depth, p * kColumns, std::min<std::int64_t>(n - p * kColumns, kColumns),
             buffers.b.data() + p * words * kColumns);
    }
    for (std::int64_t i0 = 0; i0 < m; i0 += kRows) {
      const int rows = static_cast<int>(std::min<std::int64_t>(m - i0, kRows));
      BlockOfA<transposed>::pack(a, i0, rows, k0, depth, buffers.a.data());
      for (std::int64_t p = 0; p < panels; ++p) {
        tile_of<transposed>(rows, words, buffers.a.data(), buffers.b.data() + p * words * kColumns,
                            c + i0 * c_stride + p * kColumns, c_stride, n - p * kColumns, accumulate || k0 > 0);
      }
    }
  }
}

}  // namespace

bool bfloat16_available() {
  return available() && __builtin_cpu_supports("avx512bf16");
}

void multiply_bfloat16(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
                       std::int64_t c_stride, bool accumulate) {
  (a.transposed ? multiply_blocks<true> : multiply_blocks<false>)(m, n, k, a, b, c, c_stride, accumulate);
}

}  // namespace yourmt3::cpu_kernels
