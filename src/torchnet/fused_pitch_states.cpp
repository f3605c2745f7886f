#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "model/model_config.h"
#include "torchnet/cpu_kernels.h"
#include "torchnet/fused.h"

namespace yourmt3 {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr auto kFrames = AuxiliaryConfig::kGroupNoteFrames;
constexpr auto kNFrames = static_cast<std::int64_t>(kFrames.size());

struct Sizes {
  Sizes(const at::Tensor& features, const at::Tensor& hints, const at::Tensor& weight)
      : frames(features.size(1)),
        pitches(features.size(2)),
        width(features.size(3)),
        n_hints(hints.size(3)),
        inputs(weight.size(1)),
        outputs(weight.size(0)) {}

  /// Calls body(column, seen) for each frame that frame `row` of all segments sees: the first column of its inputs, and
  /// which of all frames it is, or -1 outside of the segment.
  template <class Body>
  void each_seen(std::int64_t row, const Body& body) const {
    std::int64_t column = 0;
    for (const int offset : kFrames) {
      const std::int64_t frame = row % frames + offset;
      body(column, frame >= 0 && frame < frames ? row + offset : -1);
      column += width;
    }
  }

  std::int64_t frames, pitches, width, n_hints, inputs, outputs;
};

/// The inputs of all pitches of one frame, (P, inputs).
void gather(const Sizes& sizes, std::int64_t row, const float* features, const float* hints, float* x) {
  sizes.each_seen(row, [&](std::int64_t column, std::int64_t seen) {
    for (std::int64_t p = 0; p < sizes.pitches; ++p) {
      float* to = x + p * sizes.inputs + column;
      if (seen < 0) {
        std::fill_n(to, sizes.width, 0.f);
      } else {
        std::copy_n(features + (seen * sizes.pitches + p) * sizes.width, sizes.width, to);
      }
    }
  });
  for (std::int64_t p = 0; p < sizes.pitches; ++p) {
    std::copy_n(hints + (row * sizes.pitches + p) * sizes.n_hints, sizes.n_hints,
                x + p * sizes.inputs + kNFrames * sizes.width);
  }
}

class PitchStatesFunction : public torch::autograd::Function<PitchStatesFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given_features, const at::Tensor& given_hints,
                            const at::Tensor& given_frame, const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor features = given_features.contiguous(), hints = given_hints.contiguous(),
                     frame = given_frame.contiguous();
    const Sizes sizes(features, hints, weight);
    const std::int64_t rows = features.size(0) * sizes.frames;
    at::Tensor pre = at::empty({features.size(0), sizes.frames, sizes.pitches, sizes.outputs}, features.options());
    at::Tensor result = at::empty_like(pre);
    std::vector<float> x(static_cast<std::size_t>(sizes.pitches * sizes.inputs)),
        offset(static_cast<std::size_t>(sizes.outputs));
    const float* b = bias.data_ptr<float>();
    for (std::int64_t row = 0; row < rows; ++row) {
      gather(sizes, row, features.data_ptr<float>(), hints.data_ptr<float>(), x.data());
      const float* added = frame.data_ptr<float>() + row * sizes.outputs;
      for (std::size_t i = 0; i < offset.size(); ++i) offset[i] = added[i] + b[i];
      const std::int64_t first = row * sizes.pitches * sizes.outputs;
      float* y = pre.data_ptr<float>() + first;
      cpu_kernels::multiply(sizes.pitches, sizes.outputs, sizes.inputs, {x.data(), sizes.inputs},
                            {weight.data_ptr<float>(), sizes.inputs, true}, y, sizes.outputs, false);
      cpu_kernels::bias_gelu(y, offset.data(), sizes.pitches, sizes.outputs, result.data_ptr<float>() + first);
    }
    context->save_for_backward({features, hints, weight, pre});
    return result;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const at::Tensor &features = saved[0], &hints = saved[1], &weight = saved[2], &pre = saved[3];
    const Sizes sizes(features, hints, weight);
    const std::int64_t rows = features.size(0) * sizes.frames, n = sizes.pitches * sizes.outputs;
    const at::Tensor grad = gradients[0].contiguous();
    at::Tensor grad_features = at::zeros(features.sizes(), features.options()),
               grad_hints = at::empty(hints.sizes(), hints.options()),
               grad_frame = at::zeros({features.size(0), sizes.frames, sizes.outputs}, features.options()),
               grad_weight = at::zeros(weight.sizes(), weight.options());
    std::vector<float> x(static_cast<std::size_t>(sizes.pitches * sizes.inputs)), grad_x(x.size()),
        g(static_cast<std::size_t>(n));
    for (std::int64_t row = 0; row < rows; ++row) {
      gather(sizes, row, features.data_ptr<float>(), hints.data_ptr<float>(), x.data());
      std::copy_n(grad.data_ptr<float>() + row * n, n, g.data());
      cpu_kernels::gelu_backward(pre.data_ptr<float>() + row * n, g.data(), n);
      float* sums = grad_frame.data_ptr<float>() + row * sizes.outputs;
      for (std::int64_t i = 0; i < n; i += sizes.outputs) {
        for (std::int64_t j = 0; j < sizes.outputs; ++j) sums[j] += g[static_cast<std::size_t>(i + j)];
      }
      cpu_kernels::multiply(sizes.outputs, sizes.inputs, sizes.pitches, {g.data(), sizes.outputs, true},
                            {x.data(), sizes.inputs}, grad_weight.data_ptr<float>(), sizes.inputs, true);
      cpu_kernels::multiply(sizes.pitches, sizes.inputs, sizes.outputs, {g.data(), sizes.outputs},
                            {weight.data_ptr<float>(), sizes.inputs}, grad_x.data(), sizes.inputs, false);
      scatter(sizes, row, grad_x.data(), grad_features.data_ptr<float>(), grad_hints.data_ptr<float>());
    }
    return {grad_features, grad_hints, grad_frame, grad_weight, grad_frame.flatten(0, 1).sum(0)};
  }

 private:
  /// The way back of gather(): adds to the features, sets the hints.
  static void scatter(const Sizes& sizes, std::int64_t row, const float* grad_x, float* features, float* hints) {
    sizes.each_seen(row, [&](std::int64_t column, std::int64_t seen) {
      if (seen < 0) return;
      for (std::int64_t p = 0; p < sizes.pitches; ++p) {
        const float* from = grad_x + p * sizes.inputs + column;
        float* to = features + (seen * sizes.pitches + p) * sizes.width;
        for (std::int64_t i = 0; i < sizes.width; ++i) to[i] += from[i];
      }
    });
    for (std::int64_t p = 0; p < sizes.pitches; ++p) {
      std::copy_n(grad_x + p * sizes.inputs + kNFrames * sizes.width, sizes.n_hints,
                  hints + (row * sizes.pitches + p) * sizes.n_hints);
    }
  }
};

at::Tensor plain_inputs(const PitchStateInputs& inputs) {
  constexpr std::int64_t kBefore = -kFrames.front(), kAfter = kFrames.back();
  const at::Tensor padded = at::constant_pad_nd(inputs.features, {0, 0, 0, 0, kBefore, kAfter}, 0);
  std::vector<at::Tensor> parts;
  for (const int frame : kFrames) {
    parts.push_back(padded.slice(1, kBefore + frame, kBefore + frame + inputs.features.size(1)));
  }
  parts.push_back(inputs.hints);
  return at::cat(parts, -1);
}

}  // namespace

at::Tensor fused_pitch_states(const PitchStateInputs& inputs, const at::Tensor& weight, const at::Tensor& bias) {
  if (fusable(inputs.features) && fusable(weight)) {
    return PitchStatesFunction::apply(inputs.features, inputs.hints, inputs.frame, weight, bias);
  }
  return at::gelu(at::linear(plain_inputs(inputs), weight, bias) + inputs.frame.unsqueeze(2));
}

}  // namespace yourmt3
