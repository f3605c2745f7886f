#pragma once

#include <cstdint>
#include <vector>

#include "score/note_event.h"

namespace yourmt3 {

struct Task;

inline constexpr int kScoreSampleRate = 16000;    ///< Hz of the audio that notes are transcribed from.
inline constexpr int kSegmentSamples = 32767;     ///< Samples of one segment, and from one to the next.
inline constexpr double kSegmentSec = 2.0479375;  ///< 32767 / 16000.
inline constexpr int kTicksPerSecond = 100;       ///< Resolution of the shift tokens.

/// Segments that cover `n_samples`; the last one is filled up with silence.
std::int64_t segment_count(std::int64_t n_samples);

/// Seconds at which segment `index` begins.
double segment_start_sec(std::int64_t index);

/// What happens in one segment, of all instruments or of one channel.
struct SegmentEvents {
  std::vector<NoteEvent> events;  ///< Sorted; times are those of the song, not of the segment.
  std::vector<Tie> ties;          ///< Sorted; notes that sound already when the segment begins.
  double start_sec = 0;

  friend bool operator==(const SegmentEvents&, const SegmentEvents&) = default;
};

/// The events with start <= time < end. A note that sounds through the whole window is a tie only if any event comes
/// after it. Throws Error(kInvalidArgument) when start > end.
SegmentEvents slice_events(const SongEvents& song, double start_sec, double end_sec);

/// Segment `index` of the song.
SegmentEvents slice_segment(const SongEvents& song, std::int64_t index);

/// One SegmentEvents for each channel of `task`; programs without a channel are dropped.
std::vector<SegmentEvents> split_channels(const SegmentEvents& segment, const Task& task);

}  // namespace yourmt3
