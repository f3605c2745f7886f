#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/model_config.h"

namespace yourmt3 {

/// Translates hyper-parameters as the reference stores them in its checkpoints. `audio` and `model` are its `audio_cfg`
/// and `model_cfg`; `encoder` and `decoder` are the parts of the latter for the types in use, or the effective
/// configurations of the two stacks. Entries that are missing keep the reference's defaults.
///
/// The result is not validated. Throws Error(kUnsupported) for an option that we lack, Error(kMalformed) for an entry
/// of a wrong type.
ModelConfig config_from_reference(const nlohmann::json& audio, const nlohmann::json& model,
                                  const nlohmann::json& encoder, const nlohmann::json& decoder,
                                  const std::string& task);

/// The same with `encoder` and `decoder` taken from `model`.
ModelConfig config_from_reference(const nlohmann::json& audio, const nlohmann::json& model, const std::string& task);

}  // namespace yourmt3
