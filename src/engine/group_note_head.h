#pragma once

#include "engine/linear.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Which instrument group begins a note of each pitch: a small network, shared by all pitches, on the features of the
/// harmonic front end and what the encoder makes of the frame.
class GroupNoteHead {
 public:
  /// Keys below `auxiliary.group_notes.`.
  GroupNoteHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights);

  int n_groups() const { return output_.out(); }

  /// One segment: features (T, P, W), encoder output (T, d) and onset logits, P at the head of each row of
  /// `onset_stride`, to logits (T, P, groups).
  void run(const Compute& compute, const float* features, const float* encoded, const float* onsets,
           std::ptrdiff_t onset_stride, float* out) const;

 private:
  int n_frames_, n_pitches_, width_;
  Linear hints_, frame_, hidden_, output_;
};

}  // namespace yourmt3
