#include <immintrin.h>

#include "measure/peak_loops.h"

namespace yourmt3 {
namespace {

constexpr int kChains = 24;

#include "measure/peak_loop.inc"

void multiply_add(std::int64_t rounds) {
  const __m512bh one = (__m512bh)_mm512_set1_epi16(0x3f80);
  run_chains<__m512>(rounds, [&](__m512 x) { return _mm512_dpbf16_ps(x, one, one); });
}

}  // namespace

extern const PeakLoop peak_loop_bf16;
const PeakLoop peak_loop_bf16 = {Precision::kBf16, "vdpbf16ps", 64.0 * kChains, multiply_add};

}  // namespace yourmt3
