#pragma once

#include <vector>

#include "engine/linear.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Which drums begin: a network that sees sums of the spectrum in the frames around each, what the encoder makes of the
/// frame and, with AuxiliaryConfig::drum_layers, what it made of other frames itself.
class DrumHead {
 public:
  /// Keys below `auxiliary.drums.`.
  DrumHead(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights);

  /// One segment: log-frequency spectrogram (T, F) and encoder output (T, d); added to `drums`, rows of `stride` logits
  /// that begin with those of the drums.
  void run(const Compute& compute, const float* spectrogram, const float* encoded, float* drums,
           std::ptrdiff_t stride) const;

 private:
  struct ContextLayer {
    Linear reduce, mix;
  };

  int n_frames_;
  Linear bands_, frame_, hidden_, output_;
  std::vector<ContextLayer> context_;
};

}  // namespace yourmt3
