#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/model_config.h"
#include "score/task.h"
#include "transcribe/note_durations.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// What is kept of a recording while it is transcribed: its tokens and, where ends of notes are found by the auxiliary
/// heads, one bit for each frame and pitch. At its end, the notes.
class RecordingTokens {
 public:
  using Rows = std::vector<std::vector<std::int32_t>>;
  using Probabilities = std::vector<std::vector<float>>;

  /// `config` and `task` outlive it.
  RecordingTokens(const ModelConfig& config, const Task& task);

  /// Adds a segment: (T, A) logits of its auxiliary heads. Segments come in order.
  void append(std::span<const float> auxiliary);
  std::size_t n_segments() const { return segments_.size(); }
  /// The tokens of a segment, a row for each channel, empty for one that was not decoded; in any order.
  /// `probabilities` has one for each token; without them notes have no confidence.
  void set(std::size_t segment, Rows rows, Probabilities probabilities = {});
  /// Empty until they are set.
  const Rows& rows(std::size_t segment) const { return segments_[segment].rows; }
  const Probabilities& probabilities(std::size_t segment) const { return segments_[segment].probabilities; }
  /// Of the segments so far; null where notes have ends of their own.
  const SoundingFrames* sounding() const { return sounding_ ? &*sounding_ : nullptr; }

  /// Writes notes, decode_errors and n_tokens.
  void finish(Transcription& heard) const;

 private:
  struct Segment {
    Rows rows;
    Probabilities probabilities;
  };

  const ModelConfig* config_;
  const Task* task_;
  std::optional<SoundingFrames> sounding_;
  std::vector<Segment> segments_;
};

}  // namespace yourmt3
