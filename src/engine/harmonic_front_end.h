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
  HarmonicFrontEnd(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights);

  /// One segment: (T, F) log-frequency spectrogram to (T, d). `features`, unless null, receives those of every pitch,
  /// (T, P, width).
  void run(const Compute& compute, const float* spectrogram, float* out, float* features = nullptr) const;

 private:
  /// Of one frame, kept by each thread from frame to frame.
  struct Workspace {
    FloatBuffer window;  ///< (padded bins, window frames).
    FloatBuffer inputs;  ///< (P, inputs of the small network).
    FloatBuffer hidden;  ///< (P, hidden).
  };

  int window_frames() const { return 2 * config_.frame_radius + 1; }
  /// (T, F) to (padded bins, T + 2 frame_radius), with zeros around: the frames that the small network sees of a bin
  /// then lie side by side.
  FloatBuffer frames_of_bins(const float* spectrogram) const;
  /// Inputs of all pitches for the window of frames that begins at `bins`.
  void gather(const float* bins, Workspace& workspace) const;

  PreEncoderConfig config_;
  int n_frames_, n_bins_, bins_per_semitone_;
  std::vector<int> offsets_;  // Bins from a pitch to each of its harmonics.
  int bins_below_ = 0;        // Padding in front of bin 0 that the lowest pitches look at.
  int n_padded_bins_ = 0;     // With what the highest look at.
  Linear hidden_, output_, projection_, direct_;
};

}  // namespace yourmt3
