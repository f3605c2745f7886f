#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "features/front_end.h"
#include "model/model_config.h"
#include "score/task.h"
#include "score/tokenizer.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// One segment as the network learns from it.
struct Example {
  std::vector<float> features;                    ///< (T, F).
  std::vector<std::vector<std::int32_t>> tokens;  ///< Of each channel, EOS last, not padded.
  /// For each token the encoder frame at which it happens, -1 where no frame is meant (task tokens, EOS).
  std::vector<std::vector<std::int32_t>> frames;
  std::vector<std::uint8_t> notes;   ///< (T, 2 P + drums): onsets, sounding, drum onsets; empty without the head.
  std::vector<std::uint8_t> groups;  ///< (T, groups): presence; empty without the head.

  std::size_t longest() const;  ///< Tokens of the longest channel.
};

/// Turns sound and notes into an Example. Const methods may be called from several threads.
class ExampleMaker {
 public:
  /// Throws Error when the configuration's task is not known or its vocabulary has another size.
  explicit ExampleMaker(const ModelConfig& config);

  /// `notes` are in seconds from the start of the segment, may begin before it and end after it. A `mode` that the task
  /// does not have throws Error(kInvalidArgument).
  Example make(std::span<const float> samples, std::span<const Note> notes, TokenMode mode) const;

  const FrontEnd& front_end() const { return front_end_; }
  int n_note_targets() const { return 2 * config_.pre_encoder.n_pitches + config_.auxiliary.n_drums; }

 private:
  /// Grouped as the vocabulary does, drums on the grid of ticks, and no two notes of one pitch at once, so that the
  /// tokens of a tick strictly ascend.
  std::vector<Note> clean(std::span<const Note> notes) const;
  int frame_at(double sec) const;
  std::vector<std::int32_t> token_frames(std::span<const std::int32_t> tokens) const;
  void fill_note_targets(std::span<const Note> notes, Example& example) const;
  void fill_group_targets(std::span<const Note> notes, Example& example) const;

  ModelConfig config_;
  const Task& task_;
  FrontEnd front_end_;
};

}  // namespace yourmt3
