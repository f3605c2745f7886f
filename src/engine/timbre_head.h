#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/linear.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Which instrument group begins a note, where one may begin: a network that sees the harmonics of the pitch for longer
/// than the others, see AuxiliaryConfig::timbre_width.
class TimbreHead {
 public:
  /// Keys below `auxiliary.timbre.`.
  TimbreHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights);

  /// One segment; what the network reads.
  struct Inputs {
    const float* spectrogram;  ///< (T, F).
    const float* states;       ///< (T, P, group_notes) of the head that tells who plays.
    const float* encoded;      ///< (T, d).
    const float* onsets;       ///< Rows of `stride` logits that begin with those of the P onsets.
    std::ptrdiff_t stride;
  };
  /// Adds to `group_notes`, (T, P, groups).
  void run(const Compute& compute, const Inputs& inputs, float* group_notes) const;

 private:
  /// Rows t P + p where a note may begin.
  std::vector<std::int32_t> places(const Inputs& inputs) const;
  /// What is seen of the spectrum at a place.
  void gather(const float* spectrogram, std::int32_t place, float* x) const;
  void run_some(const Compute& compute, const Inputs& inputs, std::span<const std::int32_t> places,
                float* group_notes) const;

  int n_frames_, n_bins_, n_pitches_, bins_per_semitone_;
  std::vector<int> bins_;  // From a pitch to what is seen of it.
  Linear spectrum_, states_, frame_, hidden_, output_;
  std::vector<float> pitch_;
};

}  // namespace yourmt3
