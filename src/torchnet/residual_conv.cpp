#include "torchnet/residual_conv.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/relu.h>

namespace yourmt3 {
namespace {

constexpr double kEps = 1e-5;
constexpr double kMomentum = 0.1;

/// Statistics of bfloat16 are taken in float32.
at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

at::Tensor batch_norm(const ParameterNode& node, const at::Tensor& x, const Pass& pass) {
  if (pass.training) {
    const at::NoGradGuard no_grad;
    at::Tensor count = node.tensor("num_batches_tracked");
    count.add_(1);
  }
  return at::batch_norm(widened(x), node.tensor("weight"), node.tensor("bias"), node.tensor("running_mean"),
                        node.tensor("running_var"), pass.training, kMomentum, kEps, false);
}

at::Tensor convolution(const ParameterNode& node, const at::Tensor& x, at::IntArrayRef padding, const Pass& pass) {
  const at::Tensor* bias = node.find_tensor("bias");
  return at::conv2d(x.to(pass.compute), node.tensor("weight").to(pass.compute),
                    bias == nullptr ? at::Tensor() : bias->to(pass.compute), 1, padding);
}

}  // namespace

at::Tensor residual_conv(const ParameterNode& node, const PreEncoderConfig& config, const at::Tensor& spectrogram,
                         const Pass& pass) {
  const std::vector<std::int64_t> padding = {config.kernel_t / 2, config.kernel_f / 2};
  at::Tensor x = spectrogram.unsqueeze(1);
  for (int i = 0; i < config.n_blocks; ++i) {
    const ParameterNode& block = node["blocks"][static_cast<std::size_t>(i)];
    const at::Tensor a = at::relu(batch_norm(block["bn1"], convolution(block["conv1"], x, padding, pass), pass));
    const at::Tensor b = batch_norm(block["bn2"], convolution(block["conv2"], a, padding, pass), pass);
    const at::Tensor shortcut =
        block.has_child("shortcut") ? widened(convolution(block["shortcut"], x, {0, 0}, pass)) : x;
    x = at::avg_pool2d(at::relu(b + shortcut), {1, 2}, {1, 2});
  }
  return x.permute({0, 2, 3, 1}).contiguous();
}

}  // namespace yourmt3
