#include <cstdint>

#include "model/checkpoint.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto checkpoint = yourmt3::parse_checkpoint(std::as_bytes(std::span(data, size)), "fuzz.ckpt");
    for (const auto& [name, tensor] : checkpoint.weights.tensors) {
      if (yourmt3::is_floating(tensor.dtype)) tensor.to_f32();
    }
    yourmt3::config_of_checkpoint(checkpoint, "fuzz.ckpt");
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
