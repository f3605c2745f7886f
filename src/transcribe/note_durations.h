#pragma once

#include <bitset>
#include <span>
#include <vector>

#include "model/model_config.h"
#include "transcribe/auxiliary_layout.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Which pitches sound in which frame of a whole recording, by the auxiliary "sounding" heads; 16 bytes a frame.
class SoundingFrames {
 public:
  explicit SoundingFrames(const ModelConfig& config);

  /// Adds the next segments: (B, T, A) logits of the auxiliary heads.
  void append(std::span<const float> auxiliary);

  bool covers(int pitch) const { return pitch >= layout_.pitch_min && pitch < layout_.pitch_min + layout_.n_pitches; }

  /// Seconds at which the note that began at `onset_sec` stops sounding: the first of two silent frames, not before
  /// kShortestSec, not after kLongestSec or the end of the recording.
  double end_of_note(double onset_sec, int pitch) const;

  static constexpr double kShortestSec = 0.05;
  static constexpr double kLongestSec = 10.0;

 private:
  double frame_sec(std::size_t frame) const;
  std::size_t first_frame_at(double time_sec) const;

  AuxiliaryLayout layout_;
  FrontEndConfig front_end_;
  int advance_;  // ModelConfig::segment_advance().
  float threshold_logit_;
  std::vector<std::bitset<128>> frames_;
};

/// Gives every pitched note the end that `sounding` tells, but not later than the next onset of its pitch and program.
/// `notes` must be in order of their onsets.
void set_offsets(std::vector<Note>& notes, const SoundingFrames& sounding);

}  // namespace yourmt3
