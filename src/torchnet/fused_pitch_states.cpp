#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <span>
#include <vector>

#include "torchnet/cpu_kernels.h"
#include "torchnet/fused.h"

namespace yourmt3 {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;
using Tap = AuxiliaryConfig::Tap;

struct Sizes {
  Sizes(std::span<const Tap> seen, const at::Tensor& features, const at::Tensor& hints, const at::Tensor& weight)
      : taps(seen),
        frames(features.size(1)),
        pitches(features.size(2)),
        width(features.size(3)),
        n_hints(hints.size(3)),
        inputs(weight.size(1)),
        outputs(weight.size(0)) {}

  /// What one tap shows to all pitches of a frame: those of [first, end) see the pitch `shift` above theirs in frame
  /// `row` of all segments, which is negative outside of the segment.
  struct View {
    std::int64_t column, row, first, end, shift;
  };
  template <class Body>
  void each_view(std::int64_t row, const Body& body) const {
    std::int64_t column = 0;
    for (const Tap& tap : taps) {
      const std::int64_t frame = row % frames + tap.frame, shift = tap.pitch;
      body(View{column, frame >= 0 && frame < frames ? row + tap.frame : -1,
                std::clamp<std::int64_t>(-shift, 0, pitches), std::clamp<std::int64_t>(pitches - shift, 0, pitches),
                shift});
      column += width;
    }
  }

  std::span<const Tap> taps;
  std::int64_t frames, pitches, width, n_hints, inputs, outputs;
};

/// Rows of a product that are worth packing its weights for, and whose inputs stay in the cache.
constexpr std::int64_t kRowsTogether = 256;

/// Calls body(first, frames) for all frames of all segments, as many at once as make some rows.
template <class Body>
void each_chunk(const Sizes& sizes, std::int64_t rows, const Body& body) {
  const std::int64_t together = std::max<std::int64_t>(1, kRowsTogether / sizes.pitches);
  for (std::int64_t row = 0; row < rows; row += together) body(row, std::min(together, rows - row));
}

/// The inputs of all pitches of one frame, (P, inputs).
void gather(const Sizes& sizes, std::int64_t row, const float* features, const float* hints, float* x) {
  sizes.each_view(row, [&](const Sizes::View& view) {
    for (std::int64_t p = 0; p < sizes.pitches; ++p) {
      float* to = x + p * sizes.inputs + view.column;
      if (view.row < 0 || p < view.first || p >= view.end) {
        std::fill_n(to, sizes.width, 0.f);
      } else {
        std::copy_n(features + (view.row * sizes.pitches + p + view.shift) * sizes.width, sizes.width, to);
      }
    }
  });
  const std::int64_t column = sizes.inputs - sizes.n_hints;
  for (std::int64_t p = 0; p < sizes.pitches; ++p) {
    std::copy_n(hints + (row * sizes.pitches + p) * sizes.n_hints, sizes.n_hints, x + p * sizes.inputs + column);
  }
}

/// The way back of gather(): adds to the features, sets the hints.
void scatter(const Sizes& sizes, std::int64_t row, const float* grad_x, float* features, float* hints) {
  sizes.each_view(row, [&](const Sizes::View& view) {
    if (view.row < 0) return;
    for (std::int64_t p = view.first; p < view.end; ++p) {
      const float* from = grad_x + p * sizes.inputs + view.column;
      float* to = features + (view.row * sizes.pitches + p + view.shift) * sizes.width;
      for (std::int64_t i = 0; i < sizes.width; ++i) to[i] += from[i];
    }
  });
  const std::int64_t column = sizes.inputs - sizes.n_hints;
  for (std::int64_t p = 0; p < sizes.pitches; ++p) {
    std::copy_n(grad_x + p * sizes.inputs + column, sizes.n_hints, hints + (row * sizes.pitches + p) * sizes.n_hints);
  }
}

template <const auto& kTaps>
class PitchStatesFunction : public torch::autograd::Function<PitchStatesFunction<kTaps>> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given_features, const at::Tensor& given_hints,
                            const at::Tensor& given_frame, const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor features = given_features.contiguous(), hints = given_hints.contiguous(),
                     frame = given_frame.contiguous();
    const Sizes sizes(kTaps, features, hints, weight);
    const std::int64_t rows = features.size(0) * sizes.frames;
    at::Tensor pre = at::empty({features.size(0), sizes.frames, sizes.pitches, sizes.outputs}, features.options());
    at::Tensor result = at::empty_like(pre);
    const std::int64_t each = sizes.pitches * sizes.inputs, n = sizes.pitches * sizes.outputs;
    std::vector<float> x, offset(static_cast<std::size_t>(sizes.outputs));
    const float* b = bias.data_ptr<float>();
    each_chunk(sizes, rows, [&](std::int64_t first, std::int64_t count) {
      x.resize(static_cast<std::size_t>(count * each));
      for (std::int64_t i = 0; i < count; ++i) {
        gather(sizes, first + i, features.data_ptr<float>(), hints.data_ptr<float>(), x.data() + i * each);
      }
      float* y = pre.data_ptr<float>() + first * n;
      cpu_kernels::multiply(count * sizes.pitches, sizes.outputs, sizes.inputs, {x.data(), sizes.inputs},
                            {weight.data_ptr<float>(), sizes.inputs, true}, y, sizes.outputs, false);
      for (std::int64_t i = 0; i < count; ++i) {
        const float* added = frame.data_ptr<float>() + (first + i) * sizes.outputs;
        for (std::size_t j = 0; j < offset.size(); ++j) offset[j] = added[j] + b[j];
        cpu_kernels::bias_gelu(y + i * n, offset.data(), sizes.pitches, sizes.outputs,
                               result.data_ptr<float>() + (first + i) * n);
      }
    });
    context->save_for_backward({features, hints, weight, pre});
    return result;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const at::Tensor &features = saved[0], &hints = saved[1], &weight = saved[2], &pre = saved[3];
    const Sizes sizes(kTaps, features, hints, weight);
    const std::int64_t rows = features.size(0) * sizes.frames, n = sizes.pitches * sizes.outputs;
    const at::Tensor grad = gradients[0].contiguous();
    at::Tensor grad_features = at::zeros(features.sizes(), features.options()),
               grad_hints = at::empty(hints.sizes(), hints.options()),
               grad_frame = at::zeros({features.size(0), sizes.frames, sizes.outputs}, features.options()),
               grad_weight = at::zeros(weight.sizes(), weight.options());
    const std::int64_t each = sizes.pitches * sizes.inputs;
    std::vector<float> x, grad_x, g;
    each_chunk(sizes, rows, [&](std::int64_t first, std::int64_t count) {
      x.resize(static_cast<std::size_t>(count * each));
      grad_x.resize(x.size());
      g.resize(static_cast<std::size_t>(count * n));
      for (std::int64_t i = 0; i < count; ++i) {
        gather(sizes, first + i, features.data_ptr<float>(), hints.data_ptr<float>(), x.data() + i * each);
      }
      std::copy_n(grad.data_ptr<float>() + first * n, count * n, g.data());
      cpu_kernels::gelu_backward(pre.data_ptr<float>() + first * n, g.data(), count * n);
      for (std::int64_t i = 0; i < count; ++i) {
        float* sums = grad_frame.data_ptr<float>() + (first + i) * sizes.outputs;
        for (const float* from = g.data() + i * n; from < g.data() + (i + 1) * n; from += sizes.outputs) {
          for (std::int64_t j = 0; j < sizes.outputs; ++j) sums[j] += from[j];
        }
      }
      const std::int64_t n_rows = count * sizes.pitches;
      cpu_kernels::multiply(sizes.outputs, sizes.inputs, n_rows, {g.data(), sizes.outputs, true},
                            {x.data(), sizes.inputs}, grad_weight.data_ptr<float>(), sizes.inputs, true);
      cpu_kernels::multiply(n_rows, sizes.inputs, sizes.outputs, {g.data(), sizes.outputs},
                            {weight.data_ptr<float>(), sizes.inputs}, grad_x.data(), sizes.inputs, false);
      for (std::int64_t i = 0; i < count; ++i) {
        scatter(sizes, first + i, grad_x.data() + i * each, grad_features.data_ptr<float>(),
                grad_hints.data_ptr<float>());
      }
    });
    return {grad_features, grad_hints, grad_frame, grad_weight, grad_frame.flatten(0, 1).sum(0)};
  }
};

/// (B, T, P, inputs), as gather() makes them.
at::Tensor plain_inputs(std::span<const Tap> taps, const at::Tensor& features, const at::Tensor& hints) {
  std::int64_t frames = 0, pitches = 0;  // The farthest that is seen.
  for (const Tap& tap : taps) {
    frames = std::max<std::int64_t>(frames, std::abs(tap.frame));
    pitches = std::max<std::int64_t>(pitches, std::abs(tap.pitch));
  }
  const at::Tensor padded = at::constant_pad_nd(features, {0, 0, pitches, pitches, frames, frames}, 0);
  std::vector<at::Tensor> parts;
  for (const Tap& tap : taps) {
    parts.push_back(
        padded.narrow(1, frames + tap.frame, features.size(1)).narrow(2, pitches + tap.pitch, features.size(2)));
  }
  parts.push_back(hints);
  return at::cat(parts, -1);
}

/// `frame`: (B, T, outputs), added to the product.
template <const auto& kTaps>
at::Tensor states(const at::Tensor& features, const at::Tensor& hints, const at::Tensor& frame,
                  const at::Tensor& weight, const at::Tensor& bias) {
  if (fusable(features) && fusable(weight)) {
    return PitchStatesFunction<kTaps>::apply(features, hints, frame, weight, bias);
  }
  return at::gelu(at::linear(plain_inputs(kTaps, features, hints), weight, bias) + frame.unsqueeze(2));
}

template <const auto& kTaps>
at::Tensor states_without_hints(const at::Tensor& features, const at::Tensor& frame, const at::Tensor& weight,
                                const at::Tensor& bias) {
  const at::Tensor none = at::empty({features.size(0), features.size(1), features.size(2), 0}, features.options());
  return states<kTaps>(features, none, frame, weight, bias);
}

}  // namespace

at::Tensor fused_pitch_states(const PitchStateInputs& inputs, const at::Tensor& weight, const at::Tensor& bias) {
  return states<AuxiliaryConfig::kGroupNoteTaps>(inputs.features, inputs.hints, inputs.frame, weight, bias);
}

at::Tensor fused_pitch_context(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return states_without_hints<AuxiliaryConfig::kContextTaps>(
      x, at::zeros({x.size(0), x.size(1), weight.size(0)}, x.options()), weight, bias);
}

at::Tensor fused_drum_states(const at::Tensor& bands, const at::Tensor& frame, const at::Tensor& weight,
                             const at::Tensor& bias) {
  return states_without_hints<AuxiliaryConfig::kDrumTaps>(bands.unsqueeze(2), frame, weight, bias).squeeze(2);
}

at::Tensor fused_drum_context(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return states_without_hints<AuxiliaryConfig::kDrumContextTaps>(
             x.unsqueeze(2), at::zeros({x.size(0), x.size(1), weight.size(0)}, x.options()), weight, bias)
      .squeeze(2);
}

}  // namespace yourmt3
