#include "engine/group_note_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/read_linear.h"
#include "engine/taps.h"

namespace yourmt3 {
namespace {

constexpr int kHints = AuxiliaryConfig::kGroupNoteHints;
constexpr int kContextWidth = AuxiliaryConfig::kContextWidth;
constexpr auto& kTaps = AuxiliaryConfig::kGroupNoteTaps;
constexpr auto& kContextTaps = AuxiliaryConfig::kContextTaps;

std::size_t size(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

}  // namespace

GroupNoteHead::GroupNoteHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& heads)
    : n_frames_(config.front_end.n_frames()),
      n_pitches_(config.pre_encoder.n_pitches),
      width_(config.pre_encoder.width) {
  const int d = config.encoder.d_model, inner = config.auxiliary.group_notes;
  const WeightReader weights = heads.below("group_notes.");
  hints_ = read_linear(arithmetic, weights.below("hints."), n_pitches_ * kHints, d);
  frame_ = Linear(arithmetic, weights.get("frame.weight", {inner, d}), inner, d);
  hidden_ = read_linear(arithmetic, weights.below("hidden."), inner, static_cast<int>(kTaps.size()) * width_ + kHints);
  for (int i = 0; i < config.auxiliary.context_layers; ++i) {
    const WeightReader layer = weights.below(fmt::format("context.{}.", i));
    context_.push_back(
        {read_linear(arithmetic, layer.below("reduce."), kContextWidth, inner),
         read_linear(arithmetic, layer.below("mix."), inner, static_cast<int>(kContextTaps.size()) * kContextWidth)});
  }
  output_ = read_linear(arithmetic, weights.below("output."), config.auxiliary.n_pitched_groups(), inner);
  if (config.auxiliary.refine_notes) refine_ = read_linear(arithmetic, weights.below("refine."), 2, inner);
  if (config.auxiliary.timbre_width > 0) timbre_.emplace(arithmetic, config, heads.below("timbre."));
}

void GroupNoteHead::first_states(const Compute& compute, const float* features, const float* encoded,
                                 float* states) const {
  const int inner = frame_.out();
  FloatBuffer hints(size(n_frames_, hints_.out())), frames(size(n_frames_, inner));
  hints_.apply(compute, encoded, n_frames_, hints.data());
  frame_.apply(compute, encoded, n_frames_, frames.data());
  compute.team.run(n_frames_, 1.0 * n_frames_ * n_pitches_ * inner * hidden_.in(), [&](int t, int) {
    FloatBuffer x(size(n_pitches_, hidden_.in()));
    gather_taps(kTaps, {features, n_frames_, n_pitches_, width_}, t, x.data(), hidden_.in());
    float* rows = states + size(t * n_pitches_, inner);
    for (int p = 0; p < n_pitches_; ++p) {
      std::copy_n(hints.data() + size(t * n_pitches_ + p, kHints), kHints,
                  x.data() + size(p + 1, hidden_.in()) - kHints);
      std::copy_n(frames.data() + size(t, inner), inner, rows + size(p, inner));
    }
    hidden_.apply_alone(compute.kernels, x.data(), n_pitches_, rows, {.residual = rows});
    compute.kernels.element_op(ElementOp::kGelu, rows, size(n_pitches_, inner));
  });
}

void GroupNoteHead::add_context(const Compute& compute, const ContextLayer& layer, float* states) const {
  const int inner = frame_.out(), n_rows = n_frames_ * n_pitches_;
  FloatBuffer reduced(size(n_rows, kContextWidth));
  layer.reduce.apply(compute, states, n_rows, reduced.data());
  compute.team.run(n_frames_, 1.0 * n_rows * inner * layer.mix.in(), [&](int t, int) {
    FloatBuffer x(size(n_pitches_, layer.mix.in()));
    gather_taps(kContextTaps, {reduced.data(), n_frames_, n_pitches_, kContextWidth}, t, x.data(), layer.mix.in());
    float* rows = states + size(t * n_pitches_, inner);
    layer.mix.apply_alone(compute.kernels, x.data(), n_pitches_, rows, {.op = ElementOp::kGelu, .residual = rows});
  });
}

void GroupNoteHead::run(const Compute& compute, const float* spectrogram, const float* features, const float* encoded,
                        float* notes, std::ptrdiff_t stride, float* out) const {
  const int inner = frame_.out(), groups = n_groups();
  FloatBuffer states(size(n_frames_ * n_pitches_, inner));
  first_states(compute, features, encoded, states.data());
  for (const ContextLayer& layer : context_) add_context(compute, layer, states.data());
  compute.team.run(n_frames_, 1.0 * n_frames_ * n_pitches_ * inner * groups, [&](int t, int) {
    const float* of_frame = states.data() + size(t * n_pitches_, inner);
    float* onset = notes + t * stride;
    if (refine_) {
      FloatBuffer change(size(n_pitches_, 2));
      refine_->apply_alone(compute.kernels, of_frame, n_pitches_, change.data(), {});
      for (int p = 0; p < n_pitches_; ++p) {
        onset[p] += change.data()[2 * p];
        onset[n_pitches_ + p] += change.data()[2 * p + 1];
      }
    }
    float* rows = out + size(t * n_pitches_, groups);
    for (int p = 0; p < n_pitches_; ++p) std::fill_n(rows + size(p, groups), groups, onset[p]);
    output_.apply_alone(compute.kernels, of_frame, n_pitches_, rows, {.residual = rows});
  });
  if (timbre_) timbre_->run(compute, {spectrogram, states.data(), encoded, notes, stride}, out);
}

}  // namespace yourmt3
