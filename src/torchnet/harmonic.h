#pragma once

#include <ATen/core/Tensor.h>

#include "model/model_config.h"
#include "torchnet/layers.h"

namespace yourmt3 {

/// One small network, shared by all pitches, that sees a pitch's harmonics in a few neighbouring frames.
class HarmonicFrontEnd {
 public:
  explicit HarmonicFrontEnd(const ModelConfig& config);

  /// Moves what is no part of the state dict.
  void to(at::Device device) { bins_ = bins_.to(device); }

  /// The front end's values as this network takes them.
  at::Tensor scaled(const at::Tensor& spectrogram) const { return spectrogram * gain_ + offset_; }
  /// One of them where nothing sounds.
  double silence() const { return offset_; }

  /// Scaled spectrogram (B, T, F) to the features of every pitch, (B, T, P, W) in pass.compute. `node` is
  /// "pre_encoder".
  at::Tensor pitch_features(const ParameterNode& node, const at::Tensor& spectrogram, const Pass& pass) const;

  /// Pitch features and the scaled spectrogram itself to frame vectors (B, T, d), at least float32.
  at::Tensor frame_vectors(const ParameterNode& node, const at::Tensor& pitch_features, const at::Tensor& spectrogram,
                           const Pass& pass) const;

 private:
  at::Tensor bins_;  ///< (P, harmonics * neighbours): column of the spectrogram, or F for "outside".
  std::int64_t frame_radius_;
  double gain_, offset_;
};

}  // namespace yourmt3
