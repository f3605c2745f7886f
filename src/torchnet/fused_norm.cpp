#include "torchnet/fused.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <vector>

namespace yourmt3 {
namespace {

template <class Out>
void normalise_rows(const float* x, const float* w, std::int64_t rows, std::int64_t width, float eps, Out* y,
                    float* scales) {
  for (std::int64_t r = 0; r < rows; ++r, x += width, y += width) {
    // Eight sums so that the additions neither wait for each other nor lose digits.
    float sums[8] = {};
    std::int64_t i = 0;
    for (; i + 8 <= width; i += 8) {
      for (int k = 0; k < 8; ++k) sums[k] += x[i + k] * x[i + k];
    }
    for (; i < width; ++i) sums[0] += x[i] * x[i];
    float sum = 0;
    for (const float part : sums) sum += part;
    const float scale = 1.f / std::sqrt(sum / static_cast<float>(width) + eps);
    scales[r] = scale;
    for (std::int64_t k = 0; k < width; ++k) y[k] = static_cast<Out>(x[k] * scale * w[k]);
  }
}

template <class Out>
void normalise_rows_backward(const Out* grad, const float* x, const float* w, const float* scales, std::int64_t rows,
                             std::int64_t width, float* grad_x, float* grad_w) {
  std::vector<float> g(static_cast<std::size_t>(width));
  for (std::int64_t r = 0; r < rows; ++r, x += width, grad += width, grad_x += width) {
    const float scale = scales[r];
    for (std::int64_t k = 0; k < width; ++k) g[k] = static_cast<float>(grad[k]);
    float sums[8] = {};
    std::int64_t i = 0;
    for (; i + 8 <= width; i += 8) {
      for (int k = 0; k < 8; ++k) sums[k] += g[i + k] * w[i + k] * x[i + k];
    }
    for (; i < width; ++i) sums[0] += g[i] * w[i] * x[i];
    float dot = 0;
    for (const float part : sums) dot += part;
    const float correction = dot * scale * scale / static_cast<float>(width);
    for (std::int64_t k = 0; k < width; ++k) grad_x[k] = scale * (g[k] * w[k] - x[k] * correction);
    for (std::int64_t k = 0; k < width; ++k) grad_w[k] += g[k] * x[k] * scale;
  }
}

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, double eps, at::ScalarType type) {
    const at::Tensor x = input.contiguous();
    const std::int64_t width = x.size(-1);
    const std::int64_t rows = x.numel() / width;
    at::Tensor y = at::empty(x.sizes(), x.options().dtype(type));
    at::Tensor scales = at::empty({rows}, x.options());
    const auto run = [&](auto* out) {
      normalise_rows(x.data_ptr<float>(), weight.data_ptr<float>(), rows, width, static_cast<float>(eps), out,
                     scales.data_ptr<float>());
    };
    if (type == at::kBFloat16) {
      run(y.data_ptr<at::BFloat16>());
    } else {
      run(y.data_ptr<float>());
    }
    context->save_for_backward({x, weight, scales});
    return y;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const torch::autograd::tensor_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &scales = saved[2];
    const at::Tensor grad = gradients[0].contiguous();
    const std::int64_t width = x.size(-1);
    at::Tensor grad_x = at::empty_like(x);
    at::Tensor grad_w = at::zeros_like(weight);
    const auto run = [&](const auto* g) {
      normalise_rows_backward(g, x.data_ptr<float>(), weight.data_ptr<float>(), scales.data_ptr<float>(),
                              x.numel() / width, width, grad_x.data_ptr<float>(), grad_w.data_ptr<float>());
    };
    if (grad.scalar_type() == at::kBFloat16) {
      run(grad.data_ptr<at::BFloat16>());
    } else {
      run(grad.data_ptr<float>());
    }
    return {grad_x, grad_w, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor fused_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps, at::ScalarType type) {
  const bool fast = !PlainOperations::wanted() && x.numel() > 0 && x.scalar_type() == at::kFloat &&
                    weight.scalar_type() == at::kFloat && x.device().is_cpu() &&
                    (type == at::kFloat || type == at::kBFloat16);
  if (fast) return RmsNormFunction::apply(x, weight, eps, type);
  return (x * at::rsqrt(x.square().mean({-1}, true) + eps) * weight).to(type);
}

}  // namespace yourmt3
