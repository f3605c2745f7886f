#include "train/checkpoint.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "model/model_file.h"
#include "model/safetensors.h"
#include "torchnet/network_weights.h"

namespace yourmt3 {
namespace {

constexpr const char* kStateKey = "yourmt3.train.state";
constexpr const char* kRunConfigKey = "yourmt3.train.config";
constexpr const char* kFirst = "optimizer.first.";
constexpr const char* kSecond = "optimizer.second.";

const std::string& metadata(const Weights& weights, const char* key, const std::filesystem::path& path) {
  const auto found = weights.metadata.find(key);
  if (found == weights.metadata.end()) {
    fail(ErrorCode::kMalformed, "{}: no checkpoint of yourmt3-train: '{}' is missing from its metadata", path.string(),
         key);
  }
  return found->second;
}

/// Names of the trained parameters, in the order of the optimizer's.
std::vector<std::string> trained_names(const Network& network) {
  std::vector<std::string> names;
  for (const auto& entry : network.named_parameters()) {
    if (entry.value().requires_grad()) names.push_back(entry.key());
  }
  return names;
}

void copy_into(const Weights& weights, const std::string& name, at::Tensor& tensor) {
  const std::vector<float> values = weights.f32(name, tensor.sizes().vec());
  std::memcpy(tensor.data_ptr<float>(), values.data(), values.size() * sizeof(float));
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Network& network, const Optimizer& optimizer,
                     const RunState& state, const std::string& config_json) {
  TensorBytes tensors = weights_of(network, DType::kF32, true);
  const std::vector<std::string> names = trained_names(network);
  nlohmann::json optimizer_steps = nlohmann::json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Optimizer::State& moments = optimizer.states()[i];
    tensors.add(kFirst + names[i], moments.first);
    tensors.add(kSecond + names[i], moments.second);
    optimizer_steps[names[i]] = moments.step;
  }
  const nlohmann::json summary = {{"step", state.step},
                                  {"segments", state.segments},
                                  {"elapsed_sec", state.elapsed_sec},
                                  {"group", state.group},
                                  {"group_batch", state.group_batch},
                                  {"group_phase", state.group_phase},
                                  {"optimizer_steps", optimizer_steps}};
  write_safetensors(path, tensors.views(), {{kStateKey, summary.dump()}, {kRunConfigKey, config_json}});
}

RunState load_checkpoint(const std::filesystem::path& path, Network& network, Optimizer& optimizer) {
  const Weights weights = read_safetensors(path);
  load_weights(network, weights);
  RunState state;
  try {
    const nlohmann::json summary = nlohmann::json::parse(metadata(weights, kStateKey, path));
    state = {summary.at("step").get<std::int64_t>(),         summary.at("segments").get<std::int64_t>(),
             summary.at("elapsed_sec").get<double>(),        summary.at("group").get<std::uint64_t>(),
             summary.at("group_batch").get<std::uint64_t>(), summary.at("group_phase").get<int>()};
    const std::vector<std::string> names = trained_names(network);
    for (std::size_t i = 0; i < names.size(); ++i) {
      Optimizer::State& moments = optimizer.states()[i];
      moments.step = summary.at("optimizer_steps").at(names[i]).get<std::int64_t>();
      copy_into(weights, kFirst + names[i], moments.first);
      copy_into(weights, kSecond + names[i], moments.second);
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
