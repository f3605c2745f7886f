#pragma once

#include <span>
#include <vector>

#include "score/tokenizer.h"

namespace yourmt3 {

/// Events of the segments of one channel, one after another. A note that sounds at the end of a segment and is not
/// among the ties of the next one ends exactly where that begins. `start_sec` has one value for each segment.
std::vector<NoteEvent> merge_segments(std::span<const DecodedSegment> segments, std::span<const double> start_sec,
                                      DecodeErrors& errors);

/// merge_segments(), then events_to_notes().
std::vector<Note> segments_to_notes(std::span<const DecodedSegment> segments, std::span<const double> start_sec,
                                    DecodeErrors& errors);

/// Errors of one decoder channel.
struct ChannelErrors {
  DecodeErrors tokens;  ///< Found while reading tokens.
  DecodeErrors merge;   ///< Found while joining segments and pairing events.
};

/// Token rows by segment, then channel, of segments 0, 1, ... of a song, to its notes: each channel is decoded and
/// merged by itself, then all are mixed. `errors`, when not null, gets one entry for each channel.
/// Throws Error(kInvalidArgument) when a segment has not as many rows as the task has channels.
std::vector<Note> tokens_to_notes(std::span<const std::vector<std::vector<std::int32_t>>> segments, const Task& task,
                                  std::vector<ChannelErrors>* errors = nullptr);

/// Notes from beginnings alone: each lasts until the same pitch of the same program begins again, and at most
/// `duration_sec`. Ends among the events are passed over.
std::vector<Note> onsets_to_notes(std::span<const NoteEvent> events, double duration_sec);

}  // namespace yourmt3
