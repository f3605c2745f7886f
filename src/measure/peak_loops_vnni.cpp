#include <immintrin.h>

#include "measure/peak_loops.h"

namespace yourmt3 {
namespace {

constexpr int kChains = 24;

#include "measure/peak_loop.inc"

void multiply_add(std::int64_t rounds) {
  const __m512i one = _mm512_set1_epi8(1);
  run_chains<__m512i>(rounds, [&](__m512i x) { return _mm512_dpbusd_epi32(x, one, one); });
}

}  // namespace

extern const PeakLoop peak_loop_vnni;
const PeakLoop peak_loop_vnni = {Precision::kInt8, "vpdpbusd", 128.0 * kChains, multiply_add};

}  // namespace yourmt3
