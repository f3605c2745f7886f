#include "torchnet/layers.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <vector>

#include "torchnet/fused.h"

namespace yourmt3 {

at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kBFloat16 || x.scalar_type() == at::kHalf ? x.to(at::kFloat) : x;
}

at::Tensor linear(const ParameterNode& node, const at::Tensor& x) {
  const at::Tensor weight = node.weight().to(x.scalar_type());
  const at::Tensor* bias = node.find_tensor("bias");
  return fused_linear(x, weight, bias == nullptr ? at::Tensor() : bias->to(x.scalar_type()));
}

at::Tensor joint_linear(std::initializer_list<const ParameterNode*> nodes, const at::Tensor& x) {
  std::vector<at::Tensor> weights, biases;
  for (const ParameterNode* node : nodes) {
    weights.push_back(node->weight());
    if (const at::Tensor* bias = node->find_tensor("bias")) biases.push_back(*bias);
  }
  return fused_linear(x, at::cat(weights).to(x.scalar_type()),
                      biases.empty() ? at::Tensor() : at::cat(biases).to(x.scalar_type()));
}

at::Tensor rms_norm(const ParameterNode& node, const at::Tensor& x, double eps, at::ScalarType type) {
  return fused_rms_norm(x, node.tensor("weight"), eps, type);
}

at::Tensor layer_norm(const ParameterNode& node, const at::Tensor& x, double eps, at::ScalarType type) {
  return at::layer_norm(x, {x.size(-1)}, node.tensor("weight"), node.tensor("bias"), eps).to(type);
}

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluNew:
      return at::gelu(x, "tanh");
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kTanh:
      return at::tanh(x);
    case Activation::kNone:
      break;
  }
  return x;
}

at::Tensor dropout(const at::Tensor& x, double rate, const Pass& pass) {
  if (!pass.training || rate <= 0) return x;
  if (!pass.generator.defined()) return at::dropout(x, rate, true);
  return x * at::empty_like(x).bernoulli_(1 - rate, pass.generator).div_(1 - rate);
}

at::Tensor split_heads(const at::Tensor& x, std::int64_t n_heads) {
  return x.unflatten(-1, {n_heads, x.size(-1) / n_heads}).transpose(-3, -2);
}

at::Tensor merge_heads(const at::Tensor& x) {
  return x.transpose(-3, -2).flatten(-2);
}

at::Tensor sinusoid_table(std::int64_t rows, std::int64_t width, double first, double step) {
  const auto f64 = at::TensorOptions().dtype(at::kDouble);
  const std::int64_t n_sines = (width + 1) / 2;
  const at::Tensor positions = (at::arange(rows, f64) * step + first).unsqueeze(1);
  const at::Tensor rates = at::exp(at::arange(n_sines, f64) * (-2.0 * std::log(10000.0) / static_cast<double>(width)));
  const at::Tensor angles = positions * rates;
  return at::cat({angles.sin(), angles.slice(1, 0, width - n_sines).cos()}, 1).to(at::kFloat);
}

}  // namespace yourmt3
