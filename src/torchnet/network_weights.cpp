#include "torchnet/network_weights.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstring>

#include "core/fail.h"

namespace yourmt3 {
namespace {

/// The network's tensors by name, without those that are copies of others.
std::map<std::string, at::Tensor> state_of(const Network& network) {
  std::map<std::string, at::Tensor> state;
  for (const auto& entry : network.named_parameters()) state[entry.key()] = entry.value();
  for (const auto& entry : network.named_buffers()) state[entry.key()] = entry.value();
  return state;
}

}  // namespace

void load_weights(Network& network, const Weights& weights) {
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> state = state_of(network);
  for (const TensorSpec& spec : expected_tensors(network.config())) {
    const auto own = state.find(spec.name);
    if (own == state.end()) continue;
    const bool present = weights.tensors.contains(spec.name);
    if (!present && (!spec.required || spec.kind == TensorSpec::Kind::kFrozen)) continue;
    if (spec.dtype == DType::kI64) {
      const TensorView& view = weights.tensors.at(spec.name);
      if (view.dtype != DType::kI64 || view.numel() != own->second.numel()) {
        fail(ErrorCode::kMalformed, "tensor '{}' is {}, expected one I64", spec.name, describe_type(view));
      }
      at::Tensor value = at::empty(own->second.sizes(), at::kLong);
      std::memcpy(value.data_ptr<std::int64_t>(), view.bytes.data(), view.bytes.size());
      own->second.copy_(value);
      continue;
    }
    std::vector<float> values = weights.f32(spec.name, spec.shape);
    own->second.copy_(at::from_blob(values.data(), own->second.sizes(), at::kFloat));
  }
}

void TensorBytes::add(const std::string& name, const at::Tensor& tensor, DType dtype) {
  const at::Tensor dense = tensor.detach().cpu().contiguous();
  std::vector<std::byte>& bytes = bytes_[name];
  const auto count = static_cast<std::size_t>(dense.numel());
  if (dense.scalar_type() == at::kLong) {
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
  TensorBytes result;
  const std::map<std::string, at::Tensor> state = state_of(network);
  for (const TensorSpec& spec : expected_tensors(network.config())) {
    const auto own = state.find(spec.name);
    if (own != state.end() && (spec.required || everything)) result.add(spec.name, own->second, dtype);
  }
  return result;
}

}  // namespace yourmt3
