#include "engine/kernels.h"

#include <algorithm>

#include "core/fail.h"

namespace yourmt3 {

extern const Kernels kernels_portable;
/// Those of this build beyond the portable ones, the slowest first, with whether this processor runs them.
std::vector<const Kernels*> runnable_native_kernels();

namespace {

std::vector<const Kernels*> runnable_kernels() {
  std::vector<const Kernels*> all = {&kernels_portable};
  for (const Kernels* kernels : runnable_native_kernels()) all.push_back(kernels);
  return all;
}

}  // namespace

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas;
  for (const Kernels* kernels : runnable_kernels()) isas.push_back(kernels->isa);
  return isas;
}

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "unknown";
}

const Kernels& kernels_for(Isa isa) {
  for (const Kernels* kernels : runnable_kernels()) {
    if (kernels->isa == isa) return *kernels;
  }
  fail(ErrorCode::kUnsupported, "this processor or build has no {} instructions", isa_name(isa));
}

const Kernels& best_kernels() {
  return *runnable_kernels().back();
}

}  // namespace yourmt3
