#include "engine/kernels.h"

#include <immintrin.h>

namespace yourmt3 {
namespace {

constexpr int kLanes = 8;
constexpr int kTileRows = 6;
constexpr int kPanelVectors = 2;
constexpr int kValueColumns = 4;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/rounding.inc"

#include "engine/emulated_pairs.inc"

/// As 16 bits wide numbers, of which one instruction multiplies pairs: bytes would overflow in the sum of two.
inline IVec add_quads(IVec sum, IVec a, IVec b) {
  typedef short Shorts __attribute__((vector_size(kLanes * 4)));
  const auto add = [&sum](Shorts x, Shorts y) { sum += (IVec)_mm256_madd_epi16((__m256i)x, (__m256i)y); };
  add((Shorts)(a & 0xff00ff), ((Shorts)b << 8) >> 8);
  add((Shorts)((a >> 8) & 0xff00ff), (Shorts)b >> 8);
  return sum;
}

#include "engine/dots.inc"

#include "engine/gemm_kernel.inc"

#include "engine/attention_kernel.inc"

#include "engine/row_kernels.inc"

#include "engine/kernel_table.inc"

}  // namespace

extern const Kernels kernels_avx2;
const Kernels kernels_avx2 = kernel_table(Isa::kAvx2, false);

}  // namespace yourmt3
