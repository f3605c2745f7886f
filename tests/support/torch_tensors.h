#pragma once

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "model/weights.h"

namespace yourmt3::testing {

/// A stored tensor as one of libtorch: float32 or int64.
inline at::Tensor to_tensor(const TensorView& view) {
  if (view.dtype == DType::kI64) {
    at::Tensor tensor = at::empty(view.shape, at::kLong);
    std::memcpy(tensor.data_ptr<std::int64_t>(), view.bytes.data(), view.bytes.size());
    return tensor;
  }
  const std::vector<float> values = view.to_f32();
  at::Tensor tensor = at::empty(view.shape, at::kFloat);
  std::memcpy(tensor.data_ptr<float>(), values.data(), values.size() * sizeof(float));
  return tensor;
}

inline std::vector<float> to_vector(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().to(at::kFloat).contiguous();
  return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
}

inline double largest(const at::Tensor& tensor) {
  return tensor.abs().max().item<double>();
}

/// Every value within `bound`.
inline void expect_near(const at::Tensor& found, const at::Tensor& expected, double bound, const std::string& what) {
  ASSERT_EQ(found.sizes().vec(), expected.sizes().vec()) << what;
  const double worst = largest(found.detach().to(at::kDouble) - expected.detach().to(at::kDouble));
  EXPECT_LE(worst, bound) << what;
  ::testing::Test::RecordProperty(what, fmt::format("{:.2g} of {:.2g}", worst, bound));
}

}  // namespace yourmt3::testing
