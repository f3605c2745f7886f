#include "torchnet/network_weights.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include <cstring>

#include "core/fail.h"
#include "core/name_pattern.h"

namespace yourmt3 {
namespace {

/// The network's tensors by name, without those that are copies of others.
std::map<std::string, at::Tensor> state_of(const Network& network) {
  std::map<std::string, at::Tensor> state;
  for (const auto& entry : network.named_parameters()) state[entry.key()] = entry.value();
  for (const auto& entry : network.named_buffers()) state[entry.key()] = entry.value();
  return state;
}

bool is_low_rank(const std::string& name) {
  return name.ends_with(".lora_a") || name.ends_with(".lora_b");
}

void copy_floats(at::Tensor& to, const Weights& weights, const std::string& name, at::IntArrayRef shape) {
  std::vector<float> values = weights.f32(name, {shape.data(), shape.size()});
  to.copy_(at::from_blob(values.data(), shape, at::kFloat));
}

void load_low_rank(std::map<std::string, at::Tensor>& state, const Weights& weights) {
  bool any = false;
  for (const auto& [name, view] : weights.tensors) {
    if (!is_low_rank(name)) continue;
    any = true;
    if (!state.contains(name)) {
      fail(ErrorCode::kMalformed, "the weights hold '{}', but the network has no low-rank tensor there", name);
    }
  }
  for (auto& [name, own] : state) {
    if (any && is_low_rank(name)) copy_floats(own, weights, name, own.sizes());
  }
}

}  // namespace

void load_weights(Network& network, const Weights& weights, const std::vector<std::string>& may_lack) {
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> state = state_of(network);
  for (const TensorSpec& spec : expected_tensors(network.config())) {
    const auto own = state.find(spec.name);
    if (own == state.end()) continue;
    const bool present = weights.tensors.contains(spec.name);
    const bool needed = spec.required && spec.kind != TensorSpec::Kind::kFrozen && !matches_any(spec.name, may_lack);
    if (!present && !needed) continue;
    if (spec.dtype == DType::kI64) {
      const TensorView& view = weights.tensors.at(spec.name);
      if (view.dtype != DType::kI64 || view.numel() != own->second.numel()) {
        fail(ErrorCode::kMalformed, "tensor '{}' is {}, expected one I64", spec.name, describe_type(view));
      }
      std::int64_t value = 0;
      std::memcpy(&value, view.bytes.data(), sizeof value);
      own->second.fill_(value);
      continue;
    }
    copy_floats(own->second, weights, spec.name, spec.shape);
  }
  load_low_rank(state, weights);
}

void TensorBytes::add(const std::string& name, const at::Tensor& tensor, DType dtype) {
  const bool whole = tensor.scalar_type() == at::kLong;
  const at::Tensor dense = tensor.detach().to(at::kCPU, whole ? at::kLong : at::kFloat).contiguous();
  std::vector<std::byte>& bytes = bytes_[name];
  const auto count = static_cast<std::size_t>(dense.numel());
  if (whole) {
    dtype = DType::kI64;
    bytes.resize(count * sizeof(std::int64_t));
    std::memcpy(bytes.data(), dense.data_ptr<std::int64_t>(), bytes.size());
  } else {
    bytes.resize(count * size_of(dtype));
    convert_from_f32({dense.data_ptr<float>(), count}, dtype, bytes);
  }
  views_[name] = TensorView{dtype, dense.sizes().vec(), bytes};
}

TensorBytes weights_of(const Network& network, DType dtype, bool everything) {
  const at::NoGradGuard no_grad;
  TensorBytes result;
  const std::map<std::string, at::Tensor> state = state_of(network);
  for (const TensorSpec& spec : expected_tensors(network.config())) {
    const auto own = state.find(spec.name);
    if (own == state.end() || (!spec.required && !everything)) continue;
    const ParameterNode* layer = network.find(std::string_view(spec.name).substr(0, spec.name.rfind('.')));
    const bool merged = !everything && spec.name.ends_with(".weight") && layer != nullptr && layer->has_low_rank();
    result.add(spec.name, merged ? layer->weight() : own->second, dtype);
  }
  if (!everything) return result;
  for (const auto& [name, tensor] : state) {
    if (is_low_rank(name)) result.add(name, tensor, dtype);
  }
  return result;
}

}  // namespace yourmt3
