#include "score/segments.h"

#include <algorithm>

#include "core/fail.h"
#include "score/task.h"

namespace yourmt3 {

std::int64_t segment_count(std::int64_t n_samples) {
  return n_samples <= 0 ? 0 : (n_samples - 1) / kSegmentSamples + 1;
}

double segment_start_sec(std::int64_t index) {
  return static_cast<double>(kSegmentSamples * index) / static_cast<double>(kScoreSampleRate);
}

SegmentEvents slice_events(const SongEvents& song, double start_sec, double end_sec) {
  if (start_sec > end_sec) {
    fail(ErrorCode::kInvalidArgument, "a window cannot begin at {} s and end at {} s", start_sec, end_sec);
  }
  SegmentEvents segment;
  segment.start_sec = start_sec;
  const auto events = song.events();
  const auto earlier = [](const NoteEvent& event, double time_sec) { return event.time_sec < time_sec; };
  const auto first = std::lower_bound(events.begin(), events.end(), start_sec, earlier);
  const auto last = std::lower_bound(first, events.end(), end_sec, earlier);
  if (first != last) {
    segment.ties = song.sounding_before(static_cast<std::size_t>(first - events.begin()));
    segment.events.assign(first, last);
  } else if (last != events.end()) {
    segment.ties = song.sounding_before(static_cast<std::size_t>(last - events.begin()));
  }
  return segment;
}

SegmentEvents slice_segment(const SongEvents& song, std::int64_t index) {
  const double start_sec = segment_start_sec(index);
  return slice_events(song, start_sec, start_sec + kSegmentSec);
}

std::vector<SegmentEvents> split_channels(const SegmentEvents& segment, const Task& task) {
  std::vector<SegmentEvents> channels(static_cast<std::size_t>(task.n_channels));
  for (SegmentEvents& channel : channels) channel.start_sec = segment.start_sec;
  for (const NoteEvent& event : segment.events) {
    const int channel = task.channel_of(event.is_drum ? kDrumProgram : event.program);
    if (channel >= 0) channels[static_cast<std::size_t>(channel)].events.push_back(event);
  }
  for (const Tie& tie : segment.ties) {
    const int channel = task.channel_of(tie.program);
    if (channel >= 0) channels[static_cast<std::size_t>(channel)].ties.push_back(tie);
  }
  for (SegmentEvents& channel : channels) {
    sort_events(channel.events);
    std::stable_sort(channel.ties.begin(), channel.ties.end());
  }
  return channels;
}

}  // namespace yourmt3
