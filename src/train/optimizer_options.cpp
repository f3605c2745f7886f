#include "train/optimizer_options.h"

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "settings/json_fields.h"

namespace yourmt3 {
namespace {

ParameterGroup parse_group(const nlohmann::json& json) {
  ParameterGroup group;
  JsonFields fields(json, "optimizer.groups");
  fields.read("names", group.names);
  fields.read("lr_scale", group.lr_scale);
  if (fields.find("weight_decay") != nullptr) fields.read("weight_decay", group.weight_decay.emplace());
  fields.finish();
  if (group.names.empty()) fail(ErrorCode::kInvalidArgument, "'optimizer.groups.names' is empty");
  require("optimizer.groups.lr_scale", group.lr_scale, 0.0, 1e6);
  require("optimizer.groups.weight_decay", group.weight_decay.value_or(0), 0.0, 1e6);
  return group;
}

}  // namespace

OptimizerOptions parse_optimizer(const nlohmann::json& json) {
  using Kind = OptimizerOptions::Kind;
  OptimizerOptions optimizer;
  JsonFields fields(json, "optimizer");
  read_choice<Kind>(fields, "kind", optimizer.kind,
                    {{"adamw", Kind::kAdamW}, {"adamwscale", Kind::kAdamWScale}, {"adafactor", Kind::kAdafactor}});
  fields.read("beta1", optimizer.beta1);
  fields.read("beta2", optimizer.beta2);
  fields.read("eps", optimizer.eps);
  fields.read("correct_bias", optimizer.correct_bias);
  fields.read("weight_decay", optimizer.weight_decay);
  fields.read("decay_vectors", optimizer.decay_vectors);
  fields.read("no_decay", optimizer.no_decay);
  fields.read("clip_norm", optimizer.clip_norm);
  fields.read("relative_step", optimizer.relative_step);
  fields.read("warmup_init", optimizer.warmup_init);
  fields.read("scale_parameter", optimizer.scale_parameter);
  fields.read("clip_threshold", optimizer.clip_threshold);
  fields.read("decay_rate", optimizer.decay_rate);
  fields.read("squared_eps", optimizer.squared_eps);
  fields.read("parameter_floor", optimizer.parameter_floor);
  if (const auto* groups = fields.find("groups")) {
    if (!groups->is_array()) fail(ErrorCode::kMalformed, "'optimizer.groups' is no list ([[optimizer.groups]])");
    for (const nlohmann::json& group : *groups) optimizer.groups.push_back(parse_group(group));
  }
  fields.finish();
  require("optimizer.beta1", optimizer.beta1, 0.0, 1.0);
  require("optimizer.beta2", optimizer.beta2, 0.0, 1.0);
  require("optimizer.eps", optimizer.eps, 0.0, 1.0);
  require("optimizer.weight_decay", optimizer.weight_decay, 0.0, 1e6);
  require("optimizer.clip_norm", optimizer.clip_norm, 0.0, 1e9);
  require("optimizer.clip_threshold", optimizer.clip_threshold, 1e-9, 1e9);
  require("optimizer.decay_rate", optimizer.decay_rate, -10.0, -1e-9);
  require("optimizer.squared_eps", optimizer.squared_eps, 0.0, 1.0);
  require("optimizer.parameter_floor", optimizer.parameter_floor, 0.0, 1.0);
  return optimizer;
}

}  // namespace yourmt3
