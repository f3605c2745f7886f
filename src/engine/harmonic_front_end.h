#pragma once

#include <vector>

#include "engine/linear.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Our pre-encoder: one small network, shared by all pitches, sees the bins around a pitch's harmonics in a few frames;
/// its features of all pitches, and the frame itself, are projected to the encoder's width.
class HarmonicFrontEnd {
 public:
  /// Keys below `pre_encoder.`.
  HarmonicFrontEnd(const Kernels& kernels, const ModelConfig& config, const WeightReader& weights);

  /// One segment: (T, F) log-frequency spectrogram to (T, d). `features`, unless null, receives those of every pitch,
  /// (T, P, width).
  void run(const Compute& compute, const float* spectrogram, float* out, float* features = nullptr) const;

 private:
  PreEncoderConfig config_;
  int n_frames_, n_bins_, bins_per_semitone_;
  std::vector<int> offsets_;  // Bins from a pitch to each of its harmonics.
  Linear hidden_, output_, projection_, direct_;
};

}  // namespace yourmt3
