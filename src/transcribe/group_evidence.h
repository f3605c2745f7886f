#pragma once

#include <bitset>
#include <span>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "model/model_config.h"
#include "score/task.h"

namespace yourmt3 {

/// What the head for groups of instruments says to who plays a note, in the frame of its onset and the next: weight
/// times how much less likely a group is than the likeliest for that pitch, 0 or below. It says nothing to whether the
/// note is there.
class GroupEvidence {
 public:
  /// `task` and `encoded`, which has group_notes, must outlive it.
  GroupEvidence(const ModelConfig& config, const Task& task, const EncodedSegments& encoded);

  /// For a frame of all segments: adds to the logits of pitches what is said to `program` as the player of each, unless
  /// it is negative, and to those of programs what is said to them for the best of `pitches`.
  void add(std::size_t frame, int program, const std::bitset<128>& pitches, std::span<float> logits) const;

  /// Appends the logits of all groups for a pitch in a frame of all segments, without weight.
  void append(std::size_t frame, std::size_t pitch, std::vector<float>& logits) const;
  /// Added to the logits of each group from now on.
  void set_offsets(std::vector<float> offsets) { offsets_ = std::move(offsets); }

 private:
  float of(std::size_t frame, std::size_t pitch, std::size_t group) const;

  const Task* task_;
  std::span<const float> logits_;  // (B T, P, groups).
  std::size_t n_frames_, n_pitches_, n_groups_;
  int pitch_min_;
  float weight_;
  std::vector<float> offsets_;
};

}  // namespace yourmt3
