// Any bytes as a stem of a prepared data set: an error, or samples that lie within the bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "data/wav.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy begins at an even address, as a mapped file does.
  const std::vector<std::uint8_t> copy(data, data + size);
  try {
    long sum = 0;
    for (const auto sample : yourmt3::find_stem_samples(std::as_bytes(std::span(copy)), "input")) sum += sample;
    if (sum > 32767L * static_cast<long>(size)) std::abort();
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
