#include "engine/group_note_head.h"

#include <algorithm>

namespace yourmt3 {
namespace {

constexpr int kHints = AuxiliaryConfig::kGroupNoteHints;

std::size_t size(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

Linear read(const Arithmetic& arithmetic, const WeightReader& weights, int outputs, int inputs) {
  return {arithmetic, weights.get("weight", {outputs, inputs}), outputs, inputs, weights.get("bias", {outputs})};
}

}  // namespace

GroupNoteHead::GroupNoteHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights)
    : n_frames_(config.front_end.n_frames()),
      n_pitches_(config.pre_encoder.n_pitches),
      width_(config.pre_encoder.width) {
  const int d = config.encoder.d_model, inner = config.auxiliary.group_notes;
  const int frames = static_cast<int>(AuxiliaryConfig::kGroupNoteFrames.size());
  hints_ = read(arithmetic, weights.below("hints."), n_pitches_ * kHints, d);
  frame_ = Linear(arithmetic, weights.get("frame.weight", {inner, d}), inner, d);
  hidden_ = read(arithmetic, weights.below("hidden."), inner, frames * width_ + kHints);
  output_ = read(arithmetic, weights.below("output."), config.auxiliary.n_pitched_groups(), inner);
  if (config.auxiliary.refine_notes) refine_ = read(arithmetic, weights.below("refine."), 2, inner);
}

void GroupNoteHead::gather(const float* features, const float* hints, int t, float* x) const {
  for (int p = 0; p < n_pitches_; ++p) {
    for (const int frame : AuxiliaryConfig::kGroupNoteFrames) {
      if (t + frame >= 0 && t + frame < n_frames_) {
        std::copy_n(features + size((t + frame) * n_pitches_ + p, width_), width_, x);
      } else {
        std::fill_n(x, width_, 0.f);
      }
      x += width_;
    }
    x = std::copy_n(hints + size(t * n_pitches_ + p, kHints), kHints, x);
  }
}

void GroupNoteHead::run(const Compute& compute, const float* features, const float* encoded, float* notes,
                        std::ptrdiff_t stride, float* out) const {
  const int inner = frame_.out(), groups = n_groups();
  FloatBuffer hints(size(n_frames_, hints_.out())), frames(size(n_frames_, inner));
  hints_.apply(compute, encoded, n_frames_, hints.data());
  frame_.apply(compute, encoded, n_frames_, frames.data());
  const double work = 1.0 * n_frames_ * n_pitches_ * inner * (hidden_.in() + groups);
  compute.team.run(n_frames_, work, [&](int t, int) {
    FloatBuffer x(size(n_pitches_, hidden_.in())), hidden(size(n_pitches_, inner));
    gather(features, hints.data(), t, x.data());
    for (int p = 0; p < n_pitches_; ++p) {
      std::copy_n(frames.data() + size(t, inner), inner, hidden.data() + size(p, inner));
    }
    hidden_.apply_alone(compute.kernels, x.data(), n_pitches_, hidden.data(), {.residual = hidden.data()});
    compute.kernels.element_op(ElementOp::kGelu, hidden.data(), size(n_pitches_, inner));
    float* onset = notes + t * stride;
    if (refine_) {
      FloatBuffer change(size(n_pitches_, 2));
      refine_->apply_alone(compute.kernels, hidden.data(), n_pitches_, change.data(), {});
      for (int p = 0; p < n_pitches_; ++p) {
        onset[p] += change.data()[2 * p];
        onset[n_pitches_ + p] += change.data()[2 * p + 1];
      }
    }
    float* rows = out + size(t * n_pitches_, groups);
    for (int p = 0; p < n_pitches_; ++p) std::fill_n(rows + size(p, groups), groups, onset[p]);
    output_.apply_alone(compute.kernels, hidden.data(), n_pitches_, rows, {.residual = rows});
  });
}

}  // namespace yourmt3
