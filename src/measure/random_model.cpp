#include "measure/random_model.h"

#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace yourmt3 {
namespace {

/// Statistics and scales are 1, all else is drawn so that signals neither grow nor vanish from layer to layer.
std::vector<float> random_values(const TensorSpec& spec, std::mt19937& random) {
  std::size_t n_values = 1;
  for (const std::int64_t size : spec.shape) n_values *= static_cast<std::size_t>(size);
  const bool is_vector = spec.shape.size() <= 1;
  if (spec.name.ends_with("running_var") || (is_vector && spec.name.ends_with("weight"))) {
    return std::vector<float>(n_values, 1.f);
  }
  const double fan = is_vector ? 100.0 : static_cast<double>(n_values) / static_cast<double>(spec.shape.front());
  const auto scale = static_cast<float>(std::sqrt(3.0 / fan));
  std::vector<float> values(n_values);
  for (float& value : values) value = scale * (static_cast<float>(random() >> 8) * 0x1p-23f - 1.f);
  return values;
}

}  // namespace

Model random_model(const ModelConfig& config, std::uint32_t seed) {
  Model model{config, {}};
  std::mt19937 random(seed);
  auto storage = std::make_shared<std::vector<std::vector<float>>>();
  for (const TensorSpec& spec : expected_tensors(config)) {
    if (!spec.required) continue;
    storage->push_back(random_values(spec, random));
    model.weights.tensors[spec.name] = {DType::kF32, spec.shape, std::as_bytes(std::span(storage->back()))};
  }
  model.weights.storage = std::move(storage);
  return model;
}

}  // namespace yourmt3
