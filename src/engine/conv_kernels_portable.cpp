#include "engine/conv_kernels.h"

namespace yourmt3 {
namespace {

constexpr int kLanes = 4;
constexpr int kTileRows = 6;

// Each builds on those before it; the empty lines keep clang-format from sorting them.
#include "engine/simd.inc"

#include "engine/conv_output.inc"

#include "engine/direct_conv_kernel.inc"

#include "engine/winograd_kernel.inc"

}  // namespace

extern const ConvKernels conv_kernels_portable;
const ConvKernels conv_kernels_portable = {Isa::kPortable, kConvPanel, direct_conv,
                                           Winograd<F32Words, Filter4, Filter4, 12>::kernel()};

}  // namespace yourmt3
