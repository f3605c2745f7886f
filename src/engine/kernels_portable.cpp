#include "engine/kernels.h"

namespace yourmt3 {
namespace {

constexpr int kLanes = 4;
constexpr int kTileRows = 6;
constexpr int kPanelVectors = 2;
constexpr int kValueColumns = 4;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/rounding.inc"

#include "engine/emulated_pairs.inc"

/// sum + the products of the four bytes in each word, those of `a` without and those of `b` with a sign.
inline IVec add_quads(IVec sum, IVec a, IVec b) {
  for (int j = 0; j < 4; ++j) sum += ((a >> (8 * j)) & 255) * ((b << (24 - 8 * j)) >> 24);
  return sum;
}

#include "engine/dots.inc"

#include "engine/gemm_kernel.inc"

#include "engine/attention_kernel.inc"

#include "engine/row_kernels.inc"

#include "engine/kernel_table.inc"

}  // namespace

extern const Kernels kernels_portable;
const Kernels kernels_portable = kernel_table(Isa::kPortable, false);

}  // namespace yourmt3
