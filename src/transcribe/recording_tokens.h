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
  /// The tokens of a segment, a row for each channel, empty for one that was not decoded; once for each segment, in any
  /// order. `probabilities` has one for each token; without them notes have no confidence.
  void set(std::size_t segment, const Rows& rows, const Probabilities& probabilities = {});
  /// Empty until they are set.
  Rows rows(std::size_t segment) const;
  Probabilities probabilities(std::size_t segment) const;
  /// Of the segments so far; null where notes have ends of their own.
  const SoundingFrames* sounding() const { return sounding_ ? &*sounding_ : nullptr; }

  /// Writes notes, decode_errors and n_tokens.
  void finish(Transcription& heard) const;

 private:
  /// Where the rows of a segment begin in the buffers below.
  struct Segment {
    bool is_set = false, has_probabilities = false;
    std::size_t first_token = 0, first_probability = 0;
  };

  template <class Value>
  std::vector<std::vector<Value>> rows_of(std::size_t segment, const std::vector<Value>& values,
                                          std::size_t first) const;

  const ModelConfig* config_;
  const Task* task_;
  std::optional<SoundingFrames> sounding_;
  // In a few large buffers: what is kept in many small ones would lie between the buffers of segments that come and go,
  // and split what they leave, so that the process grows.
  std::vector<Segment> segments_;
  std::vector<std::uint32_t> row_sizes_;  // n_channels for each segment.
  std::vector<std::int32_t> tokens_;
  std::vector<float> probabilities_;
};

}  // namespace yourmt3
