#include "engine/harmonic_front_end.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/read_linear.h"

namespace yourmt3 {
namespace {

/// Floats that are copied at once when inputs are gathered.
constexpr int kCopied = 16;

}  // namespace

HarmonicFrontEnd::HarmonicFrontEnd(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights)
    : config_(config.pre_encoder),
      n_frames_(config.front_end.n_frames()),
      n_bins_(config.front_end.n_bins()),
      bins_per_semitone_(config.front_end.bins_per_semitone) {
  for (const float harmonic : config_.harmonics) {
    offsets_.push_back(static_cast<int>(std::lround(12.0 * bins_per_semitone_ * std::log2(double{harmonic}))));
  }
  const int inputs = static_cast<int>(offsets_.size()) * (2 * config_.bin_radius + 1) * (2 * config_.frame_radius + 1);
  const auto [lowest, highest] = std::minmax_element(offsets_.begin(), offsets_.end());
  const int last = (config_.n_pitches - 1) * bins_per_semitone_ + *highest + config_.bin_radius;
  bins_below_ = std::max(0, config_.bin_radius - *lowest);
  n_padded_bins_ = bins_below_ + std::max(n_bins_, last + 1);
  const int width = config.encoder.d_model;
  const float gain = config_.input_gain, offset = config_.input_offset;
  hidden_ = read_scaled_linear(arithmetic, weights.below("harmonic.hidden."), config_.hidden, inputs, gain, offset);
  output_ = read_linear(arithmetic, weights.below("harmonic.output."), config_.width, config_.hidden);
  projection_ = read_linear(arithmetic, weights.below("projection."), width, config_.n_pitches * config_.width);
  direct_ = read_scaled_linear(arithmetic, weights.below("direct."), width, n_bins_, gain, offset);
}

void HarmonicFrontEnd::run(const Compute& compute, const float* spectrogram, float* out, float* features) const {
  const int n_pitches = config_.n_pitches, width = n_pitches * config_.width;
  const auto floats = [](int rows, int columns) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  };
  FloatBuffer own(features != nullptr ? 0 : floats(n_frames_, width));
  float* pitches = features != nullptr ? features : own.data();
  const FloatBuffer bins = frames_of_bins(spectrogram);
  const double work = 1.0 * n_frames_ * n_pitches * config_.hidden * (hidden_.in() + config_.width);
  std::vector<Workspace> workspaces(static_cast<std::size_t>(compute.team.n_threads()));
  compute.team.run(n_frames_, work, [&](int t, int thread) {
    Workspace& w = workspaces[static_cast<std::size_t>(thread)];
    if (w.hidden.empty()) {
      w.window.resize(floats(n_padded_bins_, window_frames()) + kCopied);
      w.inputs.resize(floats(n_pitches, hidden_.in()) + kCopied);
      w.hidden.resize(floats(n_pitches, config_.hidden));
    }
    gather(bins.data() + t, w);
    hidden_.apply_alone(compute.kernels, w.inputs.data(), n_pitches, w.hidden.data(), {.op = ElementOp::kGelu});
    output_.apply_alone(compute.kernels, w.hidden.data(), n_pitches, pitches + floats(t, width),
                        {.op = ElementOp::kGelu});
  });
  projection_.apply(compute, pitches, n_frames_, out);
  direct_.apply(compute, spectrogram, n_frames_, out, {.residual = out});
}

FloatBuffer HarmonicFrontEnd::frames_of_bins(const float* spectrogram) const {
  const std::size_t stride = static_cast<std::size_t>(n_frames_ + 2 * config_.frame_radius);
  FloatBuffer bins(static_cast<std::size_t>(n_padded_bins_) * stride + kCopied);
  float* first = bins.data() + static_cast<std::size_t>(bins_below_) * stride + config_.frame_radius;
  for (int frame = 0; frame < n_frames_; ++frame, ++first) {
    for (int bin = 0; bin < n_bins_; ++bin) first[static_cast<std::size_t>(bin) * stride] = *spectrogram++;
  }
  return bins;
}

void HarmonicFrontEnd::gather(const float* bins, Workspace& workspace) const {
  const int around = window_frames(), block = (2 * config_.bin_radius + 1) * around;
  const std::ptrdiff_t stride = n_frames_ + 2 * config_.frame_radius;
  // Whole vectors: what is written too much is overwritten by the next copy, or lies behind the last.
  const auto copy = [](const float* from, int n, float* to) {
    for (int i = 0; i < n; i += kCopied) std::memcpy(to + i, from + i, kCopied * sizeof(float));
  };
  float* window = workspace.window.data();
  for (int bin = 0; bin < n_padded_bins_; ++bin) copy(bins + bin * stride, around, window + bin * around);
  float* to = workspace.inputs.data();
  for (int p = 0; p < config_.n_pitches; ++p) {
    for (const int offset : offsets_) {
      copy(window + (bins_below_ + p * bins_per_semitone_ + offset - config_.bin_radius) * around, block, to);
      to += block;
    }
  }
}

}  // namespace yourmt3
