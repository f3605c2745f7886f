#include "engine/group_note_head.h"

#include <algorithm>

namespace yourmt3 {
namespace {

constexpr int kHints = AuxiliaryConfig::kGroupNoteHints;

Linear read(const Arithmetic& arithmetic, const WeightReader& weights, int outputs, int inputs) {
  return {arithmetic, weights.get("weight", {outputs, inputs}), outputs, inputs, weights.get("bias", {outputs})};
}

}  // namespace

GroupNoteHead::GroupNoteHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights)
    : n_frames_(config.front_end.n_frames()),
      n_pitches_(config.pre_encoder.n_pitches),
      width_(config.pre_encoder.width) {
  const int d = config.encoder.d_model, inner = config.auxiliary.group_notes;
  const int delays = static_cast<int>(AuxiliaryConfig::kGroupNoteDelays.size());
  hints_ = read(arithmetic, weights.below("hints."), n_pitches_ * kHints, d);
  frame_ = Linear(arithmetic, weights.get("frame.weight", {inner, d}), inner, d);
  hidden_ = read(arithmetic, weights.below("hidden."), inner, delays * width_ + kHints);
  output_ = read(arithmetic, weights.below("output."), config.auxiliary.n_pitched_groups(), inner);
}

void GroupNoteHead::run(const Compute& compute, const float* features, const float* encoded, const float* onsets,
                        std::ptrdiff_t onset_stride, float* out) const {
  const auto size = [](int rows, int columns) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  };
  const int inner = frame_.out(), inputs = hidden_.in(), groups = n_groups();
  FloatBuffer hints(size(n_frames_, hints_.out())), frames(size(n_frames_, inner));
  hints_.apply(compute, encoded, n_frames_, hints.data());
  frame_.apply(compute, encoded, n_frames_, frames.data());
  const double work = 1.0 * n_frames_ * n_pitches_ * inner * (inputs + groups);
  compute.team.run(n_frames_, work, [&](int t, int) {
    FloatBuffer x(size(n_pitches_, inputs)), hidden(size(n_pitches_, inner));
    for (int p = 0; p < n_pitches_; ++p) {
      float* to = x.data() + size(p, inputs);
      for (const int delay : AuxiliaryConfig::kGroupNoteDelays) {
        if (t + delay < n_frames_) {
          std::copy_n(features + size((t + delay) * n_pitches_ + p, width_), width_, to);
        } else {
          std::fill_n(to, width_, 0.f);
        }
        to += width_;
      }
      std::copy_n(hints.data() + size(t * n_pitches_ + p, kHints), kHints, to);
      std::copy_n(frames.data() + size(t, inner), inner, hidden.data() + size(p, inner));
    }
    hidden_.apply_alone(compute.kernels, x.data(), n_pitches_, hidden.data(), {.residual = hidden.data()});
    compute.kernels.element_op(ElementOp::kGelu, hidden.data(), size(n_pitches_, inner));
    float* rows = out + size(t * n_pitches_, groups);
    const float* onset = onsets + t * onset_stride;
    for (int p = 0; p < n_pitches_; ++p) std::fill_n(rows + size(p, groups), groups, onset[p]);
    output_.apply_alone(compute.kernels, hidden.data(), n_pitches_, rows, {.residual = rows});
  });
}

}  // namespace yourmt3
