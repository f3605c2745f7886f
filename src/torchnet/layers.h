#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <initializer_list>

#include "model/model_config.h"
#include "torchnet/parameter_node.h"
#include "torchnet/pass_record.h"

namespace yourmt3 {

/// How one forward pass computes.
struct Pass {
  /// Type of the matrix products; kBFloat16 needs about a third of the time of kFloat on processors that have it. The
  /// residual stream, norms, softmax sums, router and the weights themselves stay float32. kDouble, for tests, needs
  /// weights of that type.
  at::ScalarType compute = at::kFloat;
  bool training = false;  ///< Dropout, and batch statistics in place of running ones.
  /// Receives what the layers tell; may be null. Without it the running statistics of batch norms move at once, one
  /// pass after the other; with it update_running_statistics() moves them.
  PassRecord* record = nullptr;
  /// Draws dropout, on the network's device. Undefined: libtorch's own, which all threads share.
  at::Generator generator = {};
};

/// Half precision as float32; anything else as it is.
at::Tensor widened(const at::Tensor& x);

/// x W^T + b in the type of x; the float32 weights are cast on the way. Without a "bias" there is none.
at::Tensor linear(const ParameterNode& node, const at::Tensor& x);

/// The same for several layers that read one input, as one product: their results side by side. All have a bias or
/// none.
at::Tensor joint_linear(std::initializer_list<const ParameterNode*> nodes, const at::Tensor& x);

/// x rsqrt(mean(x^2) + eps) w over the last axis; statistics in float32, result in `type`.
at::Tensor rms_norm(const ParameterNode& node, const at::Tensor& x, double eps, at::ScalarType type);

/// Layer norm over the last axis; statistics in float32, result in `type`.
at::Tensor layer_norm(const ParameterNode& node, const at::Tensor& x, double eps, at::ScalarType type);

at::Tensor activate(Activation activation, const at::Tensor& x);

/// Inverted dropout; the identity outside training and for rate 0.
at::Tensor dropout(const at::Tensor& x, double rate, const Pass& pass);

/// (..., N, H * dh) to (..., H, N, dh).
at::Tensor split_heads(const at::Tensor& x, std::int64_t n_heads);
/// The inverse of split_heads.
at::Tensor merge_heads(const at::Tensor& x);

/// (rows, width): sines in the first half of a row, cosines in the second; computed in float64. Row r stands for
/// position first + r * step.
at::Tensor sinusoid_table(std::int64_t rows, std::int64_t width, double first = 0, double step = 1);

}  // namespace yourmt3
