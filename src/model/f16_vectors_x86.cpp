#include <immintrin.h>

#include "model/f16_vectors.h"

namespace yourmt3 {
namespace {

// AVX2 stands for F16C, which compilers cannot be asked for by name: every processor with the former has the latter.
__attribute__((target("avx2,f16c"))) std::size_t convert(const std::byte* halves, std::size_t n, float* out) {
  constexpr std::size_t kLanes = 8;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const __m128i stored = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves + 2 * i));
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(stored));
  }
  return i;
}

}  // namespace

std::size_t convert_f16_vectors(const std::byte* halves, std::size_t n, float* out) {
  return __builtin_cpu_supports("avx2") ? convert(halves, n, out) : 0;
}

}  // namespace yourmt3
