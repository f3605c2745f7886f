#pragma once

#include <optional>
#include <vector>

#include "engine/linear.h"
#include "engine/timbre_head.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Which instrument group begins a note of each pitch: a small network, shared by all pitches, on the features of the
/// harmonic front end and what the encoder makes of the frame, with AuxiliaryConfig::context_layers on top; with
/// AuxiliaryConfig::timbre_width a larger one besides, where a note may begin.
class GroupNoteHead {
 public:
  /// Keys below `auxiliary.`.
  GroupNoteHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& heads);

  int n_groups() const { return output_.out(); }

  /// One segment: spectrogram (T, F), features (T, P, W) and encoder output (T, d) to logits (T, P, groups). `notes`
  /// are rows of `stride` logits that begin with those of onset and of sounding, P each; with
  /// AuxiliaryConfig::refine_notes they are corrected.
  void run(const Compute& compute, const float* spectrogram, const float* features, const float* encoded, float* notes,
           std::ptrdiff_t stride, float* out) const;

 private:
  struct ContextLayer {
    Linear reduce, mix;
  };

  /// (T, P, inner).
  void first_states(const Compute& compute, const float* features, const float* encoded, float* states) const;
  void add_context(const Compute& compute, const ContextLayer& layer, float* states) const;

  int n_frames_, n_pitches_, width_;
  Linear hints_, frame_, hidden_, output_;
  std::vector<ContextLayer> context_;
  std::optional<Linear> refine_;
  std::optional<TimbreHead> timbre_;
};

}  // namespace yourmt3
