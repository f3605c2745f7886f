#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "model/reference_config.h"
#include "model/safetensors.h"
#include "support/golden.h"

namespace yourmt3::testing {

/// Folders below golden_dir()/model that hold a small network: those with a config.json and weights. Sorted.
inline std::vector<std::string> golden_model_folders() {
  std::vector<std::string> folders;
  const auto root = golden_dir() / "model";
  if (!std::filesystem::is_directory(root)) return folders;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (std::filesystem::exists(entry.path() / "config.json") &&
        std::filesystem::exists(entry.path() / "weights.safetensors")) {
      folders.push_back("model/" + entry.path().filename().string());
    }
  }
  std::ranges::sort(folders);
  return folders;
}

/// The network of a golden folder, such as "model/ymt3plus-tiny", from its config.json. Validated.
inline ModelConfig golden_config(const std::string& folder) {
  const nlohmann::json json = golden_json(folder + "/config.json");
  ModelConfig config = config_from_reference(json.at("audio"), json.at("model"), json.at("encoder_config"),
                                             json.at("decoder_config"), json.at("task").get<std::string>());
  config.decoder.n_channels = json.at("num_decoding_channels").get<int>();
  config.decoder.vocab_size = json.at("vocab_size").get<int>();
  validate(config);
  return config;
}

/// Tensors of a recording, such as "model/ymt3plus-tiny/golden.safetensors".
inline Weights golden_tensors(const std::string& file) {
  return read_safetensors(golden_dir() / file);
}

/// Configuration and weights of a golden folder.
inline Model golden_model(const std::string& folder) {
  return {golden_config(folder), golden_tensors(folder + "/weights.safetensors")};
}

}  // namespace yourmt3::testing
