#include "engine/timbre_head.h"

#include <algorithm>
#include <cmath>

#include "engine/read_linear.h"

namespace yourmt3 {
namespace {

constexpr auto& kFrames = AuxiliaryConfig::kTimbreFrames;

/// Places that one thread takes at once.
constexpr std::size_t kTogether = 32;

}  // namespace

TimbreHead::TimbreHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights)
    : n_frames_(config.front_end.n_frames()),
      n_bins_(config.front_end.n_bins()),
      n_pitches_(config.pre_encoder.n_pitches),
      bins_per_semitone_(config.front_end.bins_per_semitone) {
  for (int harmonic = 1; harmonic <= AuxiliaryConfig::kTimbreHarmonics; ++harmonic) {
    const auto offset = static_cast<int>(std::lround(12.0 * bins_per_semitone_ * std::log2(harmonic)));
    for (int beside = -AuxiliaryConfig::kTimbreBinRadius; beside <= AuxiliaryConfig::kTimbreBinRadius; ++beside) {
      bins_.push_back(offset + beside);
    }
  }
  const AuxiliaryConfig& heads = config.auxiliary;
  const int inner = heads.timbre_width, d = config.encoder.d_model;
  spectrum_ = read_scaled_linear(arithmetic, weights.below("spectrum."), inner, AuxiliaryConfig::kTimbreInputs,
                                 config.pre_encoder.input_gain, config.pre_encoder.input_offset);
  states_ = Linear(arithmetic, weights.get("states.weight", {inner, heads.group_notes}), inner, heads.group_notes);
  frame_ = Linear(arithmetic, weights.get("frame.weight", {inner, d}), inner, d);
  pitch_ = weights.get("pitch.weight", {n_pitches_, inner});
  hidden_ = read_linear(arithmetic, weights.below("hidden."), inner, inner);
  output_ = read_linear(arithmetic, weights.below("output."), heads.n_pitched_groups(), inner);
}

std::vector<std::int32_t> TimbreHead::places(const Inputs& inputs) const {
  std::vector<std::int32_t> found;
  const auto may_begin = [&](int t, int p) {
    return t >= 0 && t < n_frames_ && inputs.onsets[t * inputs.stride + p] > AuxiliaryConfig::kTimbreLeastOnset;
  };
  for (int t = 0; t < n_frames_; ++t) {
    for (int p = 0; p < n_pitches_; ++p) {
      if (may_begin(t - 1, p) || may_begin(t, p) || may_begin(t + 1, p)) found.push_back(t * n_pitches_ + p);
    }
  }
  return found;
}

void TimbreHead::gather(const float* spectrogram, std::int32_t place, float* x) const {
  const int t = place / n_pitches_, first = place % n_pitches_ * bins_per_semitone_;
  for (const int later : kFrames) {
    const int frame = t + later;
    for (const int offset : bins_) {
      const int bin = first + offset;
      const bool inside = frame >= 0 && frame < n_frames_ && bin >= 0 && bin < n_bins_;
      *x++ = inside ? spectrogram[static_cast<std::ptrdiff_t>(frame) * n_bins_ + bin] : 0.f;
    }
  }
}

void TimbreHead::run_some(const Compute& compute, const Inputs& inputs, std::span<const std::int32_t> places,
                          float* group_notes) const {
  const int inner = hidden_.out(), n = static_cast<int>(places.size());
  const auto rows = [&](int width) { return FloatBuffer(places.size() * static_cast<std::size_t>(width)); };
  FloatBuffer seen = rows(spectrum_.in()), hidden = rows(inner), deeper = rows(inner);
  std::vector<std::int32_t> frames(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto row = static_cast<std::ptrdiff_t>(i);
    gather(inputs.spectrogram, places[i], seen.data() + row * spectrum_.in());
    frames[i] = places[i] / n_pitches_;
    std::copy_n(pitch_.data() + static_cast<std::ptrdiff_t>(places[i] % n_pitches_) * inner, inner,
                hidden.data() + row * inner);
  }
  float* h = hidden.data();
  spectrum_.apply_alone(compute.kernels, seen.data(), n, h, {.residual = h});
  states_.apply_alone(compute.kernels, inputs.states, n, h, {.residual = h, .x_rows = places.data()});
  frame_.apply_alone(compute.kernels, inputs.encoded, n, h, {.residual = h, .x_rows = frames.data()});
  compute.kernels.element_op(ElementOp::kGelu, h, hidden.size());
  std::copy(hidden.begin(), hidden.end(), deeper.begin());
  hidden_.apply_alone(compute.kernels, h, n, deeper.data(), {.op = ElementOp::kGelu, .residual = deeper.data()});
  output_.apply_alone(compute.kernels, deeper.data(), n, group_notes,
                      {.residual = group_notes, .y_rows = places.data()});
}

void TimbreHead::run(const Compute& compute, const Inputs& inputs, float* group_notes) const {
  const std::vector<std::int32_t> all = places(inputs);
  const std::size_t parts = (all.size() + kTogether - 1) / kTogether;
  const double work = 1.0 * static_cast<double>(all.size()) * hidden_.out() * (spectrum_.in() + hidden_.in());
  compute.team.run(static_cast<int>(parts), work, [&](int part, int) {
    const std::size_t first = static_cast<std::size_t>(part) * kTogether;
    run_some(compute, inputs, std::span(all).subspan(first, std::min(kTogether, all.size() - first)), group_notes);
  });
}

}  // namespace yourmt3
