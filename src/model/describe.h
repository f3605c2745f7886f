#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/weights.h"

namespace yourmt3 {

/// What a user wants to know of a model file.
struct ModelDescription {
  std::string variant, task;
  std::string front_end, encoder, decoder;  ///< One line each.
  std::int64_t n_parameters = 0;            ///< Trained and frozen; statistics and filter banks are not counted.
  std::int64_t n_trainable = 0;
  std::int64_t bytes = 0;                       ///< Size of the tensors.
  std::map<std::string, std::int64_t> dtypes;   ///< Tensors by element type.
  double segment_sec = 0;                       ///< Seconds that the network hears at once.
  std::map<std::string, std::string> metadata;  ///< Licence, provenance and so on; not the configuration.
};

ModelDescription describe(const Model& model);

/// Several aligned lines with an end of line each.
std::string to_text(const ModelDescription& description);
void to_json(nlohmann::json& json, const ModelDescription& description);

}  // namespace yourmt3
