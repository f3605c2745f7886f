#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "score/segments.h"
#include "score/task.h"

namespace yourmt3 {

/// Whole notes, or only where they begin (a task with the prefix "onsets"; the tie section is then empty).
enum class TokenMode { kNotes, kOnsets };

/// Tokens of one segment and channel, EOS last and not padded: the task's tokens for `mode` where it is trained with
/// them (onset_v1), ties, events. Longer ones are cut to task.max_tokens() and so lose their EOS.
///
/// Throws Error(kInvalidArgument) for events before the start of the segment and for programs, pitches or times without
/// a token, and when `mode` is kOnsets but the task has no such mode.
std::vector<std::int32_t> encode_segment(const SegmentEvents& segment, const Task& task,
                                         TokenMode mode = TokenMode::kNotes);

/// encode_segment() for each channel of the task.
std::vector<std::vector<std::int32_t>> encode_channels(const SegmentEvents& segment, const Task& task,
                                                       TokenMode mode = TokenMode::kNotes);

/// What one sequence of tokens says.
struct DecodedSegment {
  std::vector<NoteEvent> events;   ///< Sorted; times on the grid of 10 ms, from the start of the song.
  std::vector<Tie> ties;           ///< Sorted.
  std::vector<Tie> last_activity;  ///< Notes that still sound at the end, in the order of their tokens.
};

/// Reads any sequence of ids: what makes no sense is left out and counted in `errors`.
///
/// With `probabilities`, one for each id, events that begin notes have a confidence: the geometric mean of the
/// probabilities of the tokens that make them, which are the pitch or drum and the shift, program and velocity in
/// force.
///
/// Throws Error(kInvalidArgument) only for an id that is not in the vocabulary.
DecodedSegment decode_segment(std::span<const std::int32_t> ids, double start_sec, const Task& task,
                              DecodeErrors& errors, std::span<const float> probabilities = {});

}  // namespace yourmt3
