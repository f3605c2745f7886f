#include "engine/kernels.h"

#include <immintrin.h>

namespace yourmt3 {
namespace {

constexpr int kLanes = 16;
constexpr int kTileRows = 6;
constexpr int kPanelVectors = 4;
constexpr int kValueColumns = 8;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/rounding.inc"

inline Vec add_pairs(Vec sum, IVec a, IVec b) {
  return (Vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}
inline IVec add_quads(IVec sum, IVec a, IVec b) {
  return (IVec)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
}

#include "engine/dots.inc"

#include "engine/gemm_kernel.inc"

#include "engine/attention_kernel.inc"

#include "engine/row_kernels.inc"

#include "engine/kernel_table.inc"

}  // namespace

extern const Kernels kernels_avx512_bf16;
const Kernels kernels_avx512_bf16 = kernel_table(Isa::kAvx512Bf16, true);

}  // namespace yourmt3
