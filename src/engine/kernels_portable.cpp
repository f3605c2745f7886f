#include "engine/kernels.h"

namespace yourmt3 {
namespace {

constexpr int kLanes = 4;
constexpr int kTileRows = 6;
constexpr int kPanelVectors = 2;
constexpr int kQueryRows = 6;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/gemm_kernel.inc"

#include "engine/attention_kernel.inc"

#include "engine/row_kernels.inc"

}  // namespace

extern const Kernels kernels_portable;
const Kernels kernels_portable = {Isa::kPortable,   kLanes,     kPanel,   gemm,    attention_scratch, attention,
                                  cached_attention, layer_norm, rms_norm, softmax, element_op,        add_scaled};

}  // namespace yourmt3
