#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/weights.h"
#include "support/golden.h"

namespace yourmt3::testing {

/// Uniform number in [0, 1) that belongs to element `index` of the tensor `key`; a multiple of 2^-24.
class FormulaNumbers {
 public:
  FormulaNumbers(std::string_view key, std::uint64_t salt) {
    base_ = 0xCBF29CE484222325u;  // FNV-1a of 64 bits.
    for (const char c : key) base_ = (base_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    base_ += salt + 0x9E3779B97F4A7C15u;
  }

  double operator()(std::uint64_t index) const {
    std::uint64_t h = base_ + index;
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    h ^= h >> 31;
    return static_cast<double>(h >> 40) / 16777216.0;
  }

 private:
  std::uint64_t base_;
};

/// Values of a parameter or running statistic by the formula of golden/model/README.md, "Weights by formula".
inline std::vector<float> formula_values(const TensorSpec& spec, std::uint64_t salt) {
  std::size_t numel = 1;
  for (const auto size : spec.shape) numel *= static_cast<std::size_t>(size);
  const double root_fan = std::sqrt(static_cast<double>(numel) / static_cast<double>(spec.shape.at(0)));
  const std::string_view name = spec.name;
  double centre = 0, scale = 0;  // Each value is centre + scale * v, v in [-1, 1).
  if (name.ends_with("running_var")) {
    centre = 1.0, scale = 0.5;
  } else if (name.ends_with("running_mean")) {
    scale = 0.3;
  } else if (spec.shape.size() == 1 && name.ends_with(".weight")) {
    centre = 1.0, scale = 0.4;
  } else if (spec.shape.size() == 1) {
    scale = 0.2;
  } else if (name == "embed_tokens.weight") {
    scale = std::sqrt(3.0);
  } else if (name.ends_with("latents") || name.ends_with("_pos_emb")) {
    scale = 1.2;
  } else if (spec.shape.size() == 4) {
    scale = std::sqrt(6.0) / root_fan;
  } else if (name == "lm_head.lm_head.weight") {
    scale = 2.5;
  } else if (name.ends_with("mlp.gate.weight")) {
    scale = 5.0 / root_fan;
  } else if (name.ends_with("Attention.q.weight")) {
    scale = std::sqrt(3.0) * 1.3 / 8.0 / root_fan;
  } else {
    scale = std::sqrt(3.0) * 1.2 / root_fan;
  }
  const FormulaNumbers numbers(name, salt);
  std::vector<float> values(numel);
  for (std::size_t i = 0; i < numel; ++i) values[i] = static_cast<float>(centre + scale * (2.0 * numbers(i) - 1.0));
  return values;
}

/// A network whose weights the formula gives. What can be computed (tables, windows, frequencies) is left out.
inline Model formula_model(const ModelConfig& config, std::uint64_t salt) {
  Model model{config, {}};
  auto storage = std::make_shared<std::vector<std::vector<float>>>();
  for (const TensorSpec& spec : expected_tensors(config)) {
    if (!spec.required) continue;
    storage->push_back(formula_values(spec, salt));
    model.weights.tensors[spec.name] = {DType::kF32, spec.shape, std::as_bytes(std::span(storage->back()))};
  }
  model.weights.storage = std::move(storage);
  return model;
}

/// Label tokens [1, n_channels, n_tokens] by the formula.
inline std::vector<std::int32_t> formula_labels(int n_channels, int n_tokens, std::uint64_t salt) {
  const FormulaNumbers numbers("labels", salt);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(n_channels) * static_cast<std::size_t>(n_tokens));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(590.0 * numbers(i)) + 3;
  return labels;
}

/// Compares values with the statistics and samples recorded for a stage in full-size-stats. When no value is off by
/// more than `tolerance`, neither are mean, deviation and extremes, nor the sum of magnitudes by more than as often.
inline void expect_recorded_values(const nlohmann::json& stage, std::span<const float> values, double tolerance,
                                   const std::string& what) {
  ASSERT_EQ(values.size(), stage.at("numel").get<std::size_t>()) << what;
  const auto n = static_cast<double>(values.size());
  double sum = 0, abs_sum = 0;
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (const float value : values) {
    ASSERT_TRUE(std::isfinite(value)) << what;
    sum += value;
    abs_sum += std::abs(static_cast<double>(value));
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double squares = 0;
  for (const float value : values) squares += (value - sum / n) * (value - sum / n);
  EXPECT_NEAR(sum / n, stage.at("mean").get<double>(), tolerance) << what << ": mean";
  EXPECT_NEAR(std::sqrt(squares / n), stage.at("std").get<double>(), tolerance) << what << ": deviation";
  EXPECT_NEAR(low, stage.at("min").get<double>(), tolerance) << what << ": smallest value";
  EXPECT_NEAR(high, stage.at("max").get<double>(), tolerance) << what << ": largest value";
  EXPECT_NEAR(abs_sum, stage.at("abs_sum").get<double>(), tolerance * n) << what << ": sum of magnitudes";
  const auto& samples = stage.at("sample");
  const std::size_t last = samples.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const std::size_t index = i * (values.size() - 1) / last;
    EXPECT_NEAR(values[index], samples.at(i).get<double>(), tolerance) << what << ": value " << index;
  }
}

/// Published variants whose statistics are among the recordings, such as "ymt3plus".
inline std::vector<std::string> recorded_full_size_variants() {
  std::vector<std::string> variants;
  for (const std::string& variant : published_variants()) {
    if (golden_exists("model/full-size-stats/" + variant + ".json")) variants.push_back(variant);
  }
  return variants;
}

}  // namespace yourmt3::testing
