#include <vector>

#include "engine/conv_kernels.h"

namespace yourmt3 {

extern const ConvKernels conv_kernels_avx2;
extern const ConvKernels conv_kernels_avx512;
extern const WinogradKernel winograd_avx512_bf16;
extern const WinogradKernel winograd_avx512_bf16_large_tiles;

std::vector<const ConvKernels*> native_conv_kernels();
std::vector<const ConvKernels*> native_conv_kernels() {
  return {&conv_kernels_avx2, &conv_kernels_avx512};
}

const WinogradKernel* bf16_winograd(Isa isa, bool large_tiles) {
  if (isa != Isa::kAvx512Bf16) return nullptr;
  return large_tiles ? &winograd_avx512_bf16_large_tiles : &winograd_avx512_bf16;
}

}  // namespace yourmt3
