#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <torch/csrc/autograd/custom_function.h>

#include <atomic>

#include "torchnet/cpu_kernels.h"
#include "torchnet/fused.h"

namespace yourmt3 {
namespace {

using cpu_kernels::MatrixView;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  /// `bias` holds one tensor or none; optional tensors are another type in each generation of libtorch.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& weight,
                            at::TensorList bias) {
    const at::Tensor x = input.contiguous(), w = weight.contiguous();
    const std::int64_t inputs = w.size(1), outputs = w.size(0), rows = x.numel() / inputs;
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = outputs;
    at::Tensor y = at::empty(shape, x.options());
    float* out = y.data_ptr<float>();
    if (!bias.empty()) {
      const float* b = bias[0].data_ptr<float>();
      for (std::int64_t r = 0; r < rows; ++r) std::copy(b, b + outputs, out + r * outputs);
    }
    cpu_kernels::multiply(rows, outputs, inputs, {x.data_ptr<float>(), inputs}, {w.data_ptr<float>(), inputs, true},
                          out, outputs, !bias.empty());
    context->save_for_backward({x, w});
    context->saved_data["bias"] = !bias.empty();
    context->saved_data["input_gradient"] = input.requires_grad();
    context->saved_data["weight_gradient"] = weight.requires_grad();
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &w = saved[1];
    const at::Tensor grad = gradients[0].contiguous();
    const std::int64_t inputs = w.size(1), outputs = w.size(0), rows = x.numel() / inputs;
    const float* g = grad.data_ptr<float>();
    at::Tensor grad_x, grad_w, grad_b;
    if (context->saved_data["input_gradient"].toBool()) {
      grad_x = at::empty(x.sizes(), x.options());
      cpu_kernels::multiply(rows, inputs, outputs, {g, outputs}, {w.data_ptr<float>(), inputs},
                            grad_x.data_ptr<float>(), inputs, false);
    }
    if (context->saved_data["weight_gradient"].toBool()) {
      grad_w = at::empty(w.sizes(), w.options());
      cpu_kernels::multiply(outputs, inputs, rows, {g, outputs, true}, {x.data_ptr<float>(), inputs},
                            grad_w.data_ptr<float>(), inputs, false);
    }
    if (context->saved_data["bias"].toBool()) grad_b = grad.reshape({rows, outputs}).sum(0);
    return {grad_x, grad_w, grad_b};
  }
};

class GatedGeluFunction : public torch::autograd::Function<GatedGeluFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input) {
    const at::Tensor x = input.contiguous();
    std::vector<std::int64_t> shape = x.sizes().vec();
    const std::int64_t width = shape.back() /= 2;
    at::Tensor y = at::empty(shape, x.options());
    cpu_kernels::gated_gelu(x.data_ptr<float>(), y.numel() / width, width, y.data_ptr<float>());
    context->save_for_backward({x});
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    const at::Tensor grad = gradients[0].contiguous();
    at::Tensor grad_x = at::empty(x.sizes(), x.options());
    const std::int64_t width = x.size(-1) / 2;
    cpu_kernels::gated_gelu_backward(x.data_ptr<float>(), grad.data_ptr<float>(), grad.numel() / width, width,
                                     grad_x.data_ptr<float>());
    return {grad_x};
  }
};

std::atomic<int> plain_operations = 0;  // Scopes that are open.

}  // namespace

PlainOperations::PlainOperations() {
  ++plain_operations;
}

PlainOperations::~PlainOperations() {
  --plain_operations;
}

bool PlainOperations::wanted() {
  return plain_operations > 0;
}

bool fusable(const at::Tensor& tensor) {
  return !PlainOperations::wanted() && tensor.scalar_type() == at::kFloat && tensor.device().is_cpu() &&
         tensor.numel() > 0;
}

at::Tensor fused_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (fusable(x) && weight.scalar_type() == at::kFloat) {
    return LinearFunction::apply(x, weight, at::TensorList(&bias, bias.defined() ? 1 : 0));
  }
  return at::linear(x, weight, bias);
}

at::Tensor fused_gated_gelu(const at::Tensor& x) {
  if (fusable(x)) return GatedGeluFunction::apply(x);
  const auto halves = x.chunk(2, -1);
  return at::gelu(halves[0], "tanh") * halves[1];
}

}  // namespace yourmt3
