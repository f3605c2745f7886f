#include <immintrin.h>

#include "engine/conv_kernels.h"

namespace yourmt3 {
namespace {

constexpr int kLanes = 16;
constexpr int kTileRows = 14;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/conv_output.inc"

#include "engine/winograd_kernel.inc"

/// Factors rounded to bfloat16: a word is two neighbouring channels.
struct Bf16Words {
  static constexpr bool kBf16 = true;
  static constexpr int kInBlock = kChannelBlock / 2;
  static inline void put(float* to, Vec x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh((__m512)x));
  }
  static inline Vec add_product(Vec sum, float a, Vec b) {
    return (Vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)splat_bits(a), (__m512bh)b);
  }
  /// Not splat(), whose arithmetic would not keep all bits.
  static inline __m512 splat_bits(float a) { return _mm512_set1_ps(a); }
};

}  // namespace

extern const WinogradKernel winograd_avx512_bf16;
extern const WinogradKernel winograd_avx512_bf16_large_tiles;
const WinogradKernel winograd_avx512_bf16 = Winograd<Bf16Words, Filter2, Filter4, 28>::kernel();
const WinogradKernel winograd_avx512_bf16_large_tiles = Winograd<Bf16Words, Filter4, Filter4, 28>::kernel();

}  // namespace yourmt3
