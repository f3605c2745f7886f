#include "train/checkpoint.h"

#include <ATen/ops/from_blob.h>

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "model/model_file.h"
#include "model/safetensors.h"
#include "torchnet/network_weights.h"

namespace yourmt3 {
namespace {

constexpr const char* kStateKey = "yourmt3.train.state";
constexpr const char* kRunConfigKey = "yourmt3.train.config";
constexpr const char* kAverage = "average.";

const std::string& metadata(const Weights& weights, const char* key, const std::filesystem::path& path) {
  const auto found = weights.metadata.find(key);
  if (found == weights.metadata.end()) {
    fail(ErrorCode::kMalformed, "{}: no checkpoint of yourmt3-train: '{}' is missing from its metadata", path.string(),
         key);
  }
  return found->second;
}

void copy_into(const Weights& weights, const std::string& name, at::Tensor tensor) {
  std::vector<float> values = weights.f32(name, tensor.sizes().vec());
  tensor.detach().copy_(at::from_blob(values.data(), tensor.sizes(), at::kFloat));
}

std::string state_name(const std::string& kind, const std::string& parameter) {
  return "optimizer." + kind + "." + parameter;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Network& network, const Optimizer& optimizer,
                     const RunState& state, const std::string& config_json, const WeightAverage* average) {
  TensorBytes tensors = weights_of(network, DType::kF32, true);
  nlohmann::json optimizer_steps = nlohmann::json::object();
  for (std::size_t i = 0; i < optimizer.states().size(); ++i) {
    const std::string& name = optimizer.parameters()[i].name;
    for (const auto& [kind, tensor] : optimizer.states()[i].tensors) tensors.add(state_name(kind, name), tensor);
    optimizer_steps[name] = optimizer.states()[i].step;
  }
  if (average != nullptr) {
    for (const NamedParameter& parameter : average->averages())
      tensors.add(kAverage + parameter.name, parameter.tensor);
  }
  const nlohmann::json summary = {{"step", state.step},
                                  {"segments", state.segments},
                                  {"elapsed_sec", state.elapsed_sec},
                                  {"group", state.group},
                                  {"group_batch", state.group_batch},
                                  {"group_phase", state.group_phase},
                                  {"optimizer_steps", optimizer_steps},
                                  {"average_updates", average != nullptr ? average->updates() : 0}};
  write_safetensors(path, tensors.views(), {{kStateKey, summary.dump()}, {kRunConfigKey, config_json}});
}

RunState load_checkpoint(const std::filesystem::path& path, Network& network, Optimizer& optimizer,
                         WeightAverage* average) {
  const Weights weights = read_safetensors(path);
  Weights own = weights;  // Without what is remembered about them under longer names.
  std::erase_if(own.tensors, [](const auto& entry) {
    return entry.first.starts_with("optimizer.") || entry.first.starts_with(kAverage);
  });
  load_weights(network, own);
  RunState state;
  try {
    const nlohmann::json summary = nlohmann::json::parse(metadata(weights, kStateKey, path));
    state = {summary.at("step").get<std::int64_t>(),         summary.at("segments").get<std::int64_t>(),
             summary.at("elapsed_sec").get<double>(),        summary.at("group").get<std::uint64_t>(),
             summary.at("group_batch").get<std::uint64_t>(), summary.at("group_phase").get<int>()};
    for (std::size_t i = 0; i < optimizer.states().size(); ++i) {
      const std::string& name = optimizer.parameters()[i].name;
      Optimizer::State& remembered = optimizer.states()[i];
      remembered.step = summary.at("optimizer_steps").at(name).get<std::int64_t>();
      for (const auto& [kind, tensor] : remembered.tensors) copy_into(weights, state_name(kind, name), tensor);
    }
    if (average != nullptr) {
      average->set_updates(summary.at("average_updates").get<std::int64_t>());
      for (const NamedParameter& parameter : average->averages()) {
        copy_into(weights, kAverage + parameter.name, parameter.tensor);
      }
    }
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorCode::kMalformed, "{}: its state cannot be read: {}", path.string(), error.what());
  }
  return state;
}

void export_model(const std::filesystem::path& path, const Network& network,
                  const std::map<std::string, std::string>& provenance) {
  SaveOptions options;
  options.dtype = DType::kF16;
  options.metadata = provenance;
  save_model(path, network.config(), weights_of(network, DType::kF32, false).views(), options);
}

}  // namespace yourmt3
