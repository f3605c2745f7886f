#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/segment_source.h"
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

  std::vector<std::uint8_t> group_notes;  ///< (T, P, pitched groups): onsets; empty without the head.
  std::vector<bool> annotated;            ///< For each channel: its notes are all known.

  bool complete() const;
  std::size_t longest() const;  ///< Tokens of the longest channel.
};

/// Turns sound and notes into an Example. Const methods may be called from several threads.
class ExampleMaker {
 public:
  /// Throws Error when the configuration's task is not known or its vocabulary has another size. Without
  /// `mask_unannotated` a segment teaches that nothing plays but what its notes tell, as in the reference; with it,
  /// channels whose notes are not all known teach nothing. A decoder of one channel then learns from complete segments
  /// only.
  explicit ExampleMaker(const ModelConfig& config, bool mask_unannotated = true);

  /// A `mode` that the task does not have throws Error(kInvalidArgument).
  Example make(const MixedSegment& segment, TokenMode mode) const;

  /// Whether the task can ask for onsets alone.
  bool has_onset_mode() const { return task_.prefixes.contains("onsets"); }
  const FrontEnd& front_end() const { return front_end_; }
  int n_note_targets() const { return 2 * config_.pre_encoder.n_pitches + config_.auxiliary.n_drums; }

 private:
  /// Grouped as the vocabulary does, drums on the grid of ticks, and no two notes of one pitch at once, so that the
  /// tokens of a tick strictly ascend.
  std::vector<Note> clean(std::span<const Note> notes) const;
  int frame_at(double sec) const;
  std::vector<std::int32_t> token_frames(std::span<const std::int32_t> tokens) const;
  void fill_note_targets(std::span<const Note> notes, Example& example) const;
  std::vector<bool> annotated_channels(const MixedSegment& segment) const;
  void fill_group_targets(std::span<const Note> notes, Example& example) const;
  void fill_group_note_targets(std::span<const Note> notes, Example& example) const;

  ModelConfig config_;
  bool mask_unannotated_;
  const Task& task_;
  FrontEnd front_end_;
};

}  // namespace yourmt3
