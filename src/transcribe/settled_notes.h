#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "model/model_config.h"
#include "score/task.h"
#include "score/tokenizer.h"
#include "transcribe/note_durations.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// What the tokens of one channel of a segment say; an empty row, of a channel that was not decoded, says nothing.
/// `probabilities` are those of the tokens, by channel, or empty.
DecodedSegment read_row(std::span<const std::vector<std::int32_t>> rows,
                        std::span<const std::vector<float>> probabilities, std::size_t channel, double start_sec,
                        const Task& task, DecodeErrors& errors);

/// Notes of segments 0, 1, ... of a recording; `by_channel` has a list of them for each decoder channel. Begins are
/// paired with ends; with `onset_only` notes have the shortest length, or end when `sounding` says so, unless that is
/// null.
std::vector<Note> notes_of_segments(std::span<const std::vector<DecodedSegment>> by_channel,
                                    std::span<const double> start_sec, bool onset_only, const SoundingFrames* sounding,
                                    DecodeErrors& errors);

/// Tells the notes of a recording while its segments are decoded: each once, as soon as no later segment can change it.
/// Together they are the notes of the whole recording. That is when the note has ended and the next segment is not yet
/// begun, or ten seconds after its onset: longer notes do not exist. Looks only at the segments of notes not yet told.
class SettledNotes {
 public:
  /// `config` and `task` outlive it.
  SettledNotes(const ModelConfig& config, const Task& task);

  /// Adds the tokens of the next segment, as read_row() takes them; `sounding`, null where notes have ends of their
  /// own, covers at least it. Returns what is settled now, in note order.
  std::vector<Note> push(std::span<const std::vector<std::int32_t>> rows,
                         std::span<const std::vector<float>> probabilities, const SoundingFrames* sounding);
  /// The rest, behind the last segment.
  std::vector<Note> finish(const SoundingFrames* sounding);

 private:
  double start_sec(std::size_t segment) const;
  std::vector<Note> take(const SoundingFrames* sounding, bool at_end);
  void forget_told_segments(std::span<const Note> unsettled);
  bool was_told(const Note& note) const;

  const ModelConfig* config_;
  const Task* task_;
  std::size_t first_segment_ = 0;                        // Of the window.
  std::vector<std::vector<DecodedSegment>> by_channel_;  // Of the window.
  std::vector<Note> told_;                               // Of those whose onset lies in the window.
};

}  // namespace yourmt3
