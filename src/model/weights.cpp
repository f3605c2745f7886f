#include "model/weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/fail.h"

namespace yourmt3 {

std::int64_t TensorView::numel() const {
  return static_cast<std::int64_t>(bytes.size() / size_of(dtype));
}

std::vector<float> TensorView::to_f32() const {
  std::vector<float> values(static_cast<std::size_t>(numel()));
  convert_to_f32(dtype, bytes, values);
  return values;
}

std::string describe_shape(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

std::string describe_type(const TensorView& tensor) {
  return fmt::format("{} {}", to_string(tensor.dtype), describe_shape(tensor.shape));
}

std::vector<float> Weights::f32(const std::string& name, std::span<const std::int64_t> shape) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    fail(ErrorCode::kMalformed, "tensor '{}' is missing, expected {}", name, describe_shape(shape));
  }
  const TensorView& tensor = found->second;
  if (!std::ranges::equal(tensor.shape, shape) || !is_floating(tensor.dtype)) {
    fail(ErrorCode::kMalformed, "tensor '{}' is {}, expected F32 {}; was it made for another variant?", name,
         describe_type(tensor), describe_shape(shape));
  }
  std::vector<float> values = tensor.to_f32();
  if (file) file->release(tensor.bytes);
  return values;
}

TensorReport check_tensors(const ModelConfig& config, const Weights& weights, const std::string& source) {
  TensorReport report;
  std::set<std::string_view> known;
  const std::vector<TensorSpec> specs = expected_tensors(config);
  for (const TensorSpec& spec : specs) {
    known.insert(spec.name);
    const auto found = weights.tensors.find(spec.name);
    if (found == weights.tensors.end()) {
      if (spec.required) report.missing.push_back(spec.name);
      continue;
    }
    const TensorView& tensor = found->second;
    if (tensor.shape != spec.shape || is_floating(tensor.dtype) != is_floating(spec.dtype)) {
      fail(ErrorCode::kMalformed, "{}: tensor '{}' is {}, expected {} {}; was it made for another variant?", source,
           spec.name, describe_type(tensor), to_string(spec.dtype), describe_shape(spec.shape));
    }
  }
  for (const auto& [name, tensor] : weights.tensors) {
    if (!known.contains(name) && !is_ignorable_tensor(name)) report.unexpected.push_back(name);
  }
  return report;
}

}  // namespace yourmt3
