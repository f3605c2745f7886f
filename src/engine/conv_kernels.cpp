#include "engine/conv_kernels.h"

#include "core/fail.h"

namespace yourmt3 {

extern const ConvKernels conv_kernels_portable;
/// Those of this build beyond the portable ones.
std::vector<const ConvKernels*> native_conv_kernels();

const ConvKernels& conv_kernels_for(Isa isa) {
  if (kernels_for(isa).isa == Isa::kPortable) return conv_kernels_portable;  // Throws when it isn't supported.
  const Isa base = isa == Isa::kAvx512Bf16 ? Isa::kAvx512 : isa;
  for (const ConvKernels* kernels : native_conv_kernels()) {
    if (kernels->isa == base) return *kernels;
  }
  fail(ErrorCode::kUnsupported, "this build has no {} convolutions", isa_name(isa));
}

}  // namespace yourmt3
