#include "model/safetensors.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "model/model_file.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const yourmt3::Weights weights =
        yourmt3::parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz.safetensors");
    for (const auto& [name, tensor] : weights.tensors) {
      if (yourmt3::is_floating(tensor.dtype)) tensor.to_f32();
    }
    const auto text = weights.metadata.find(yourmt3::kConfigKey);
    if (text == weights.metadata.end()) return 0;
    const auto config = nlohmann::json::parse(text->second).get<yourmt3::ModelConfig>();
    yourmt3::validate(config);
    yourmt3::check_tensors(config, weights, "fuzz.safetensors");
  } catch (const yourmt3::Error&) {
  } catch (const nlohmann::json::exception&) {
  }
  return 0;
}
