#include "torchnet/residual_conv.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros_like.h>

#include <mutex>
#include <utility>

namespace yourmt3 {
namespace {

constexpr double kEps = 1e-5;

/// Threads that have no record to put statistics in update the running ones in turn.
void note_statistics(BatchStatistics statistics, const Pass& pass) {
  if (pass.record != nullptr) return pass.record->statistics.push_back(std::move(statistics));
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  PassRecord alone;
  alone.statistics.push_back(std::move(statistics));
  update_running_statistics({&alone, 1});
}

at::Tensor batch_norm(const ParameterNode& node, const at::Tensor& x, const Pass& pass) {
  const at::Tensor &weight = node.tensor("weight"), &bias = node.tensor("bias");
  // Statistics of bfloat16 are taken in float32.
  const at::Tensor wide = widened(x);
  if (!pass.training) {
    return at::batch_norm(wide, weight, bias, node.tensor("running_mean"), node.tensor("running_var"), false, 0, kEps,
                          wide.is_cuda());
  }
  // Running statistics that forget everything at once are those of this batch.
  const at::Tensor mean = at::zeros_like(node.tensor("running_mean")), variance = at::zeros_like(mean);
  const at::Tensor result = at::batch_norm(wide, weight, bias, mean, variance, true, 1, kEps, wide.is_cuda());
  note_statistics({&node, mean, variance, wide.numel() / wide.size(1)}, pass);
  return result;
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
