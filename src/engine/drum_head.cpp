#include "engine/drum_head.h"

#include <fmt/format.h>

#include <span>

#include "engine/read_linear.h"
#include "engine/taps.h"

namespace yourmt3 {
namespace {

constexpr int kBands = AuxiliaryConfig::kDrumBands;
constexpr int kContextWidth = AuxiliaryConfig::kDrumContextWidth;
constexpr auto& kTaps = AuxiliaryConfig::kDrumTaps;
constexpr auto& kContextTaps = AuxiliaryConfig::kDrumContextTaps;

/// What `taps` show of x (T, width) in every frame: (T, taps * width).
FloatBuffer seen(std::span<const AuxiliaryConfig::Tap> taps, const FloatBuffer& x, int n_frames, int width) {
  const int inputs = static_cast<int>(taps.size()) * width;
  FloatBuffer rows(static_cast<std::size_t>(n_frames) * static_cast<std::size_t>(inputs));
  for (int t = 0; t < n_frames; ++t) {
    gather_taps(taps, {x.data(), n_frames, 1, width}, t, rows.data() + static_cast<std::ptrdiff_t>(t) * inputs, inputs);
  }
  return rows;
}

}  // namespace

DrumHead::DrumHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights)
    : n_frames_(config.front_end.n_frames()) {
  const AuxiliaryConfig& heads = config.auxiliary;
  const int d = config.encoder.d_model, inner = heads.drum_width;
  bands_ = read_scaled_linear(arithmetic, weights.below("bands."), kBands, config.front_end.n_bins(),
                              config.pre_encoder.input_gain, config.pre_encoder.input_offset);
  frame_ = Linear(arithmetic, weights.get("frame.weight", {inner, d}), inner, d);
  hidden_ = read_linear(arithmetic, weights.below("hidden."), inner, static_cast<int>(kTaps.size()) * kBands);
  for (int i = 0; i < heads.drum_layers; ++i) {
    const WeightReader layer = weights.below(fmt::format("context.{}.", i));
    context_.push_back(
        {read_linear(arithmetic, layer.below("reduce."), kContextWidth, inner),
         read_linear(arithmetic, layer.below("mix."), inner, static_cast<int>(kContextTaps.size()) * kContextWidth)});
  }
  output_ = read_linear(arithmetic, weights.below("output."), heads.n_drums, inner);
}

void DrumHead::run(const Compute& compute, const float* spectrogram, const float* encoded, float* drums,
                   std::ptrdiff_t stride) const {
  const auto buffer = [&](int width) {
    return FloatBuffer(static_cast<std::size_t>(n_frames_) * static_cast<std::size_t>(width));
  };
  FloatBuffer bands = buffer(kBands), states = buffer(frame_.out()), reduced = buffer(kContextWidth);
  bands_.apply(compute, spectrogram, n_frames_, bands.data());
  frame_.apply(compute, encoded, n_frames_, states.data());
  hidden_.apply(compute, seen(kTaps, bands, n_frames_, kBands).data(), n_frames_, states.data(),
                {.residual = states.data()});
  compute.kernels.element_op(ElementOp::kGelu, states.data(), states.size());
  for (const ContextLayer& layer : context_) {
    layer.reduce.apply(compute, states.data(), n_frames_, reduced.data());
    layer.mix.apply(compute, seen(kContextTaps, reduced, n_frames_, kContextWidth).data(), n_frames_, states.data(),
                    {.op = ElementOp::kGelu, .residual = states.data()});
  }
  output_.apply(compute, states.data(), n_frames_, drums, {.residual = drums, .y_stride = stride});
}

}  // namespace yourmt3
