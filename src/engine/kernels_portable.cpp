#include "engine/kernels.h"

namespace yourmt3 {
namespace {

constexpr int kLanes = 4;
constexpr int kTileRows = 6;

#include "engine/attention_kernel.inc"
#include "engine/gemm_kernel.inc"
#include "engine/row_kernels.inc"
#include "engine/simd.inc"

}  // namespace

extern const Kernels kernels_portable;
const Kernels kernels_portable = {Isa::kPortable,   kLanes,     kPanel,   gemm,       attention_scratch, attention,
                                  cached_attention, layer_norm, rms_norm, element_op, add_scaled};

}  // namespace yourmt3
