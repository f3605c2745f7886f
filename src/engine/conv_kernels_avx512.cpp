#include "engine/conv_kernels.h"

namespace yourmt3 {
namespace {

constexpr int kLanes = 16;
constexpr int kTileRows = 14;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/conv_output.inc"

#include "engine/direct_conv_kernel.inc"

#include "engine/winograd_kernel.inc"

}  // namespace

extern const ConvKernels conv_kernels_avx512;
const ConvKernels conv_kernels_avx512 = {Isa::kAvx512, kConvPanel, direct_conv,
                                         Winograd<F32Words, Filter4, Filter4, 28>::kernel()};

}  // namespace yourmt3
