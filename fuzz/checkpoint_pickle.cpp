// The input is data.pkl alone: inside an archive its checksum would keep the fuzzer from ever getting here.

#include <cstdint>
#include <string>

#include "model/checkpoint.h"
#include "support/checkpoint_builder.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file =
      yourmt3::testing::checkpoint_zip(std::string(reinterpret_cast<const char*>(data), size)).build();
  try {
    const auto checkpoint = yourmt3::parse_checkpoint(std::as_bytes(std::span(file)), "fuzz.ckpt");
    for (const auto& [name, tensor] : checkpoint.weights.tensors) {
      if (yourmt3::is_floating(tensor.dtype)) tensor.to_f32();
    }
    yourmt3::config_of_checkpoint(checkpoint, "fuzz.ckpt");
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
