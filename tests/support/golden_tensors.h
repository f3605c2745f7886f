#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <numeric>
#include <vector>

#include "support/golden.h"

namespace yourmt3::testing {

/// A tensor of a golden .safetensors file; F32 and I32 only, all as float.
struct GoldenTensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};

/// All F32 and I32 tensors of the file; throws when it is missing or broken, so that a test using it fails.
inline std::map<std::string, GoldenTensor> golden_tensors(const std::string& relative) {
  std::ifstream file(golden_dir() / relative, std::ios::binary);
  if (!file) throw std::runtime_error("golden file missing: " + (golden_dir() / relative).string());
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  const nlohmann::json header = nlohmann::json::parse(bytes.substr(8, header_size));
  std::map<std::string, GoldenTensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__" || (entry["dtype"] != "F32" && entry["dtype"] != "I32")) continue;
    GoldenTensor& tensor = tensors[name];
    tensor.shape = entry["shape"].get<std::vector<std::size_t>>();
    tensor.values.resize(
        std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::size_t{1}, std::multiplies<>()));
    const std::size_t begin = 8 + header_size + entry["data_offsets"][0].get<std::size_t>();
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      if (entry["dtype"] == "F32") {
        std::memcpy(&tensor.values[i], bytes.data() + begin + 4 * i, 4);
      } else {
        std::int32_t integer = 0;
        std::memcpy(&integer, bytes.data() + begin + 4 * i, 4);
        tensor.values[i] = static_cast<float>(integer);
      }
    }
  }
  return tensors;
}

}  // namespace yourmt3::testing
