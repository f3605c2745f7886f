#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "torchnet/cpu_kernels.h"
#include "torchnet/fused.h"

namespace yourmt3 {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr std::int64_t kChunk = 280;  // Rows at once: with 120 inputs and 48 hidden units, all of it stays in cache.

/// Writes the inputs of `rows` rows, one for each segment, frame and pitch in that order.
void gather(const PitchWindows& windows, std::int64_t first, std::int64_t rows, float* out) {
  const std::int64_t n_pitches = windows.bins.size(0), n_bins = windows.bins.size(1);
  const std::int64_t length = windows.columns.size(2), segment = windows.columns.size(1) * length;
  const std::int64_t window = 2 * windows.frame_radius + 1;
  const auto* bins = windows.bins.data_ptr<std::int64_t>();
  const float* columns = windows.columns.data_ptr<float>();
  for (std::int64_t row = first; row < first + rows; ++row) {
    const std::int64_t pitch = row % n_pitches, frame = row / n_pitches % windows.n_frames;
    const float* source = columns + row / n_pitches / windows.n_frames * segment + frame;
    const std::int64_t* wanted = bins + pitch * n_bins;
    for (std::int64_t i = 0; i < n_bins; ++i, out += window) {
      // Eight values cost no more than five; what is too much is overwritten by the next window.
      if (window <= 8) {
        std::memcpy(out, source + wanted[i] * length, 8 * sizeof(float));
      } else {
        std::copy_n(source + wanted[i] * length, window, out);
      }
    }
  }
}

/// One chunk of rows through both layers, with everything that the way back needs.
struct Chunk {
  Chunk(std::int64_t n_inputs, std::int64_t n_hidden, std::int64_t n_outputs)
      : inputs(n_inputs),
        hidden(n_hidden),
        outputs(n_outputs),
        x(static_cast<std::size_t>(kChunk * n_inputs + 16)),
        pre1(static_cast<std::size_t>(kChunk * n_hidden)),
        h(pre1.size()),
        pre2(static_cast<std::size_t>(kChunk * n_outputs)),
        y(pre2.size()) {}

  void forward(const PitchWindows& windows, std::int64_t first, std::int64_t rows, const float* w1, const float* b1,
               const float* w2, const float* b2) {
    gather(windows, first, rows, x.data());
    cpu_kernels::multiply(rows, hidden, inputs, {x.data(), inputs}, {w1, inputs, true}, pre1.data(), hidden, false);
    cpu_kernels::bias_gelu(pre1.data(), b1, rows, hidden, h.data());
    cpu_kernels::multiply(rows, outputs, hidden, {h.data(), hidden}, {w2, hidden, true}, pre2.data(), outputs, false);
    cpu_kernels::bias_gelu(pre2.data(), b2, rows, outputs, y.data());
  }

  std::int64_t inputs, hidden, outputs;
  std::vector<float> x, pre1, h, pre2, y;
};

class PitchNetworkFunction : public torch::autograd::Function<PitchNetworkFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& w1, const at::Tensor& b1, const at::Tensor& w2,
                            const at::Tensor& b2, const at::Tensor& columns, const at::Tensor& bins,
                            std::int64_t n_frames, std::int64_t frame_radius) {
    const PitchWindows windows = {columns, bins, n_frames, frame_radius};
    const std::int64_t rows = columns.size(0) * n_frames * bins.size(0);
    Chunk chunk(w1.size(1), w1.size(0), w2.size(0));
    at::Tensor result = at::empty({rows, chunk.outputs}, w1.options());
    for (std::int64_t first = 0; first < rows; first += kChunk) {
      const std::int64_t n = std::min(kChunk, rows - first);
      chunk.forward(windows, first, n, w1.data_ptr<float>(), b1.data_ptr<float>(), w2.data_ptr<float>(),
                    b2.data_ptr<float>());
      std::copy_n(chunk.y.data(), n * chunk.outputs, result.data_ptr<float>() + first * chunk.outputs);
    }
    context->save_for_backward({w1, b1, w2, b2, columns, bins});
    context->saved_data["frames"] = n_frames;
    context->saved_data["radius"] = frame_radius;
    return result.view({columns.size(0), n_frames, bins.size(0), chunk.outputs});
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const at::Tensor &w1 = saved[0], &b1 = saved[1], &w2 = saved[2], &b2 = saved[3];
    const PitchWindows windows = {saved[4], saved[5], context->saved_data["frames"].toInt(),
                                  context->saved_data["radius"].toInt()};
    const std::int64_t rows = saved[4].size(0) * windows.n_frames * saved[5].size(0);
    const at::Tensor grad = gradients[0].contiguous();
    Chunk chunk(w1.size(1), w1.size(0), w2.size(0));
    at::Tensor grad_w1 = at::zeros(w1.sizes(), w1.options()), grad_b1 = at::zeros(b1.sizes(), b1.options());
    at::Tensor grad_w2 = at::zeros(w2.sizes(), w2.options()), grad_b2 = at::zeros(b2.sizes(), b2.options());
    std::vector<float> grad_h(chunk.h.size());
    const auto add_rows = [](const float* values, std::int64_t n, std::int64_t width, float* sums) {
      for (std::int64_t r = 0; r < n; ++r) {
        for (std::int64_t i = 0; i < width; ++i) sums[i] += values[r * width + i];
      }
    };
    for (std::int64_t first = 0; first < rows; first += kChunk) {
      const std::int64_t n = std::min(kChunk, rows - first);
      chunk.forward(windows, first, n, w1.data_ptr<float>(), b1.data_ptr<float>(), w2.data_ptr<float>(),
                    b2.data_ptr<float>());
      float* g = chunk.y.data();
      std::copy_n(grad.data_ptr<float>() + first * chunk.outputs, n * chunk.outputs, g);
      cpu_kernels::gelu_backward(chunk.pre2.data(), g, n * chunk.outputs);
      add_rows(g, n, chunk.outputs, grad_b2.data_ptr<float>());
      cpu_kernels::multiply(chunk.outputs, chunk.hidden, n, {g, chunk.outputs, true}, {chunk.h.data(), chunk.hidden},
                            grad_w2.data_ptr<float>(), chunk.hidden, true);
      cpu_kernels::multiply(n, chunk.hidden, chunk.outputs, {g, chunk.outputs}, {w2.data_ptr<float>(), chunk.hidden},
                            grad_h.data(), chunk.hidden, false);
      cpu_kernels::gelu_backward(chunk.pre1.data(), grad_h.data(), n * chunk.hidden);
      add_rows(grad_h.data(), n, chunk.hidden, grad_b1.data_ptr<float>());
      cpu_kernels::multiply(chunk.hidden, chunk.inputs, n, {grad_h.data(), chunk.hidden, true},
                            {chunk.x.data(), chunk.inputs}, grad_w1.data_ptr<float>(), chunk.inputs, true);
    }
    return {grad_w1, grad_b1, grad_w2, grad_b2, {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor fused_pitch_network(const PitchWindows& windows, const at::Tensor& w1, const at::Tensor& b1,
                               const at::Tensor& w2, const at::Tensor& b2) {
  if (fusable(w1) && fusable(windows.columns)) {
    return PitchNetworkFunction::apply(w1, b1, w2, b2, windows.columns, windows.bins, windows.n_frames,
                                       windows.frame_radius);
  }
  const at::Tensor x = windows.columns.index_select(1, windows.bins.flatten())
                           .slice(2, 0, windows.n_frames + 2 * windows.frame_radius)
                           .unfold(2, 2 * windows.frame_radius + 1, 1)  // (B, P * n, T, window)
                           .transpose(1, 2)                             // (B, T, P * n, window)
                           .reshape({windows.columns.size(0), windows.n_frames, windows.bins.size(0), -1});
  return at::gelu(at::linear(at::gelu(at::linear(x, w1, b1)), w2, b2));
}

}  // namespace yourmt3
