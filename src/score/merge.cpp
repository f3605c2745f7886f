#include "score/merge.h"

#include <algorithm>

#include "core/fail.h"
#include "score/note_ops.h"

namespace yourmt3 {

std::vector<NoteEvent> merge_segments(std::span<const DecodedSegment> segments, std::span<const double> start_sec,
                                      DecodeErrors& errors) {
  YOURMT3_ASSERT(segments.size() == start_sec.size());
  std::vector<NoteEvent> events;
  for (std::size_t k = 0; k < segments.size(); ++k) {
    if (k > 0) {
      const std::vector<Tie>& ties = segments[k].ties;
      for (const Tie& note : segments[k - 1].last_activity) {
        if (std::binary_search(ties.begin(), ties.end(), note)) continue;
        // As the reference: the exact start of the segment, not rounded to a tick.
        events.push_back({false, note.program, start_sec[k], 0, note.pitch});
        errors.add(DecodeError::kForcedOff);
      }
    }
    events.insert(events.end(), segments[k].events.begin(), segments[k].events.end());
  }
  return events;
}

std::vector<Note> segments_to_notes(std::span<const DecodedSegment> segments, std::span<const double> start_sec,
                                    DecodeErrors& errors) {
  return events_to_notes(merge_segments(segments, start_sec, errors), {}, errors);
}

std::vector<Note> tokens_to_notes(std::span<const std::vector<std::vector<std::int32_t>>> segments, const Task& task,
                                  std::vector<ChannelErrors>* errors) {
  const auto n_channels = static_cast<std::size_t>(task.n_channels);
  for (const auto& rows : segments) {
    if (rows.size() != n_channels) {
      fail(ErrorCode::kInvalidArgument, "a segment has {} token rows, expected {} for task '{}'", rows.size(),
           n_channels, task.name);
    }
  }
  std::vector<ChannelErrors> channel_errors(n_channels);
  std::vector<std::vector<Note>> channel_notes(n_channels);
  for (std::size_t channel = 0; channel < n_channels; ++channel) {
    std::vector<DecodedSegment> decoded;
    std::vector<double> start_sec;
    for (std::size_t k = 0; k < segments.size(); ++k) {
      start_sec.push_back(segment_start_sec(static_cast<std::int64_t>(k)));
      decoded.push_back(decode_segment(segments[k][channel], start_sec.back(), task, channel_errors[channel].tokens));
    }
    channel_notes[channel] = segments_to_notes(decoded, start_sec, channel_errors[channel].merge);
  }
  if (errors != nullptr) *errors = std::move(channel_errors);
  return mix_notes(channel_notes);
}

std::vector<Note> onsets_to_notes(std::span<const NoteEvent> events, double duration_sec) {
  std::vector<Note> notes;
  for (const NoteEvent& event : events) {
    if (event.velocity == 0) continue;
    const double duration = event.is_drum ? kMinimumDurationSec : duration_sec;
    notes.push_back(
        {event.is_drum, event.program, event.time_sec, event.time_sec + duration, event.pitch, 1, event.confidence});
  }
  sort_in_note_order(notes);
  notes = trim_overlaps(std::move(notes));
  validate_notes(notes);
  return notes;
}

}  // namespace yourmt3
