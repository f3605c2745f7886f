// Any bytes as a patch of the Gravis Ultrasound: an error, or samples whose loops lie within their frames.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "data/gus_patch.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto loops : {yourmt3::GusLoops::kKeep, yourmt3::GusLoops::kStrip}) {
    try {
      const auto patch = yourmt3::parse_gus_patch(std::as_bytes(std::span(data, size)), "input", loops);
      if (patch.sample_for(440).frames.empty() || patch.peak() > 32768) std::abort();
      for (const auto& sample : patch.samples) {
        if (sample.frames.size() > 2 * size || sample.loop_end > sample.frames.size()) std::abort();
        if (sample.loops() && sample.loop_begin >= sample.loop_end) std::abort();
      }
    } catch (const yourmt3::Error&) {
    }
  }
  return 0;
}
