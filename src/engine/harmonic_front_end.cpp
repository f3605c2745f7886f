#include "engine/harmonic_front_end.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace yourmt3 {
namespace {

Linear read(const Kernels& kernels, const WeightReader& weights, int outputs, int inputs) {
  return {kernels, weights.get("weight", {outputs, inputs}), outputs, inputs, weights.get("bias", {outputs})};
}

/// The same for a layer that reads gain * y + offset, made to read y.
Linear read_scaled(const Kernels& kernels, const WeightReader& weights, int outputs, int inputs, float gain,
                   float offset) {
  std::vector<float> weight = weights.get("weight", {outputs, inputs}), bias = weights.get("bias", {outputs});
  for (std::size_t row = 0; row < bias.size(); ++row) {
    const auto first = weight.begin() + static_cast<std::ptrdiff_t>(row) * inputs;
    bias[row] += offset * static_cast<float>(std::accumulate(first, first + inputs, 0.0));
    std::for_each(first, first + inputs, [gain](float& w) { w *= gain; });
  }
  return {kernels, weight, outputs, inputs, bias};
}

}  // namespace

HarmonicFrontEnd::HarmonicFrontEnd(const Kernels& kernels, const ModelConfig& config, const WeightReader& weights)
    : config_(config.pre_encoder),
      n_frames_(config.front_end.n_frames()),
      n_bins_(config.front_end.n_bins()),
      bins_per_semitone_(config.front_end.bins_per_semitone) {
  for (const float harmonic : config_.harmonics) {
    offsets_.push_back(static_cast<int>(std::lround(12.0 * bins_per_semitone_ * std::log2(double{harmonic}))));
  }
  const int inputs = static_cast<int>(offsets_.size()) * (2 * config_.bin_radius + 1) * (2 * config_.frame_radius + 1);
  const int width = config.encoder.d_model;
  const float gain = config_.input_gain, offset = config_.input_offset;
  hidden_ = read_scaled(kernels, weights.below("harmonic.hidden."), config_.hidden, inputs, gain, offset);
  output_ = read(kernels, weights.below("harmonic.output."), config_.width, config_.hidden);
  projection_ = read(kernels, weights.below("projection."), width, config_.n_pitches * config_.width);
  direct_ = read_scaled(kernels, weights.below("direct."), width, n_bins_, gain, offset);
}

void HarmonicFrontEnd::run(const Compute& compute, const float* spectrogram, float* out, float* features) const {
  const int n_pitches = config_.n_pitches, inputs = hidden_.in(), width = n_pitches * config_.width;
  FloatBuffer own(features != nullptr ? 0 : static_cast<std::size_t>(n_frames_) * static_cast<std::size_t>(width));
  float* pitches = features != nullptr ? features : own.data();
  const double work = 1.0 * n_frames_ * n_pitches * config_.hidden * (inputs + config_.width);
  compute.team.run(n_frames_, work, [&](int t, int) {
    FloatBuffer x(static_cast<std::size_t>(n_pitches) * static_cast<std::size_t>(inputs));
    FloatBuffer hidden(static_cast<std::size_t>(n_pitches * config_.hidden));
    float* to = x.data();
    for (int p = 0; p < n_pitches; ++p) {
      for (const int offset : offsets_) {
        for (int b = -config_.bin_radius; b <= config_.bin_radius; ++b) {
          const int bin = p * bins_per_semitone_ + offset + b;
          for (int frame = t - config_.frame_radius; frame <= t + config_.frame_radius; ++frame) {
            const bool inside = bin >= 0 && bin < n_bins_ && frame >= 0 && frame < n_frames_;
            *to++ = inside ? spectrogram[static_cast<std::ptrdiff_t>(frame) * n_bins_ + bin] : 0.f;
          }
        }
      }
    }
    hidden_.apply_alone(compute.kernels, x.data(), n_pitches, hidden.data(), {.op = ElementOp::kGelu});
    output_.apply_alone(compute.kernels, hidden.data(), n_pitches, pitches + static_cast<std::ptrdiff_t>(t) * width,
                        {.op = ElementOp::kGelu});
  });
  projection_.apply(compute, pitches, n_frames_, out);
  direct_.apply(compute, spectrogram, n_frames_, out, {.residual = out});
}

}  // namespace yourmt3
