#include "transcribe/settled_notes.h"

#include <algorithm>
#include <set>

#include "score/merge.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

/// Times are rounded to ticks, so that an event may lie before its segment.
constexpr double kTickSec = 0.01;

/// Notes of the shortest length, for set_offsets() to prolong.
std::vector<Note> notes_of_onsets(std::span<const DecodedSegment> decoded) {
  std::vector<NoteEvent> events;
  for (const DecodedSegment& segment : decoded) {
    events.insert(events.end(), segment.events.begin(), segment.events.end());
  }
  return onsets_to_notes(events, SoundingFrames::kShortestSec);
}

/// Ends everything that was begun at `time_sec`; what has ended before is not concerned.
void end_all(std::vector<DecodedSegment>& segments, double time_sec) {
  std::set<std::pair<int, int>> begun;
  for (const DecodedSegment& segment : segments) {
    for (const NoteEvent& event : segment.events) {
      if (!event.is_drum && event.velocity > 0) begun.insert({event.program, event.pitch});
    }
  }
  for (const auto& [program, pitch] : begun) segments.back().events.push_back({false, program, time_sec, 0, pitch});
}

}  // namespace

DecodedSegment read_row(std::span<const std::vector<std::int32_t>> rows,
                        std::span<const std::vector<float>> probabilities, std::size_t channel, double start_sec,
                        const Task& task, DecodeErrors& errors) {
  if (rows[channel].empty()) return {};
  return decode_segment(rows[channel], start_sec, task, errors,
                        probabilities.empty() ? std::span<const float>() : probabilities[channel]);
}

std::vector<Note> notes_of_segments(std::span<const std::vector<DecodedSegment>> by_channel,
                                    std::span<const double> start_sec, bool onset_only, const SoundingFrames* sounding,
                                    DecodeErrors& errors) {
  std::vector<std::vector<Note>> notes;
  for (const std::vector<DecodedSegment>& segments : by_channel) {
    notes.push_back(onset_only ? notes_of_onsets(segments) : segments_to_notes(segments, start_sec, errors));
  }
  std::vector<Note> mixed = mix_notes(notes);
  if (sounding != nullptr) {
    set_offsets(mixed, *sounding);
    validate_notes(mixed);
  }
  return mixed;
}

SettledNotes::SettledNotes(const ModelConfig& config, const Task& task)
    : config_(&config), task_(&task), by_channel_(static_cast<std::size_t>(task.n_channels)) {}

double SettledNotes::start_sec(std::size_t segment) const {
  const FrontEndConfig& front_end = config_->front_end;
  return static_cast<double>(segment) * config_->segment_advance() / front_end.sample_rate;
}

std::vector<Note> SettledNotes::push(std::span<const std::vector<std::int32_t>> rows,
                                     std::span<const std::vector<float>> probabilities,
                                     const SoundingFrames* sounding) {
  const std::size_t segment = first_segment_ + by_channel_.front().size();
  DecodeErrors errors;  // Counted when the whole recording is read.
  for (std::size_t channel = 0; channel < by_channel_.size(); ++channel) {
    by_channel_[channel].push_back(read_row(rows, probabilities, channel, start_sec(segment), *task_, errors));
  }
  return take(sounding, false);
}

std::vector<Note> SettledNotes::finish(const SoundingFrames* sounding) {
  return by_channel_.front().empty() ? std::vector<Note>() : take(sounding, true);
}

bool SettledNotes::was_told(const Note& note) const {
  return std::any_of(told_.begin(), told_.end(), [&](const Note& told) {
    return told.onset_sec == note.onset_sec && told.pitch == note.pitch && told.program == note.program &&
           told.is_drum == note.is_drum;
  });
}

std::vector<Note> SettledNotes::take(const SoundingFrames* sounding, bool at_end) {
  const std::size_t n_segments = by_channel_.front().size();
  std::vector<double> starts;
  for (std::size_t i = 0; i < n_segments; ++i) starts.push_back(start_sec(first_segment_ + i));
  // Whatever comes lies behind this. What sounds until then may go on, and two silent frames end a note.
  const double horizon_sec = start_sec(first_segment_ + n_segments) - kTickSec;
  const FrontEndConfig& front_end = config_->front_end;
  const double settled_sec =
      sounding == nullptr ? horizon_sec : horizon_sec - 3.0 * front_end.hop_length / front_end.sample_rate;

  const bool onset_only = config_->inference.onset_only;
  DecodeErrors errors;
  std::vector<Note> settled, unsettled;
  std::vector<Note> notes = notes_of_segments(by_channel_, starts, onset_only, sounding, errors);
  std::vector<Note> ended;
  if (!at_end && !onset_only) {
    // A note that goes on is short when it is never ended, and long otherwise; who does not care is not concerned.
    std::vector<std::vector<DecodedSegment>> by_channel = by_channel_;
    for (auto& segments : by_channel) end_all(segments, horizon_sec);
    ended = notes_of_segments(by_channel, starts, onset_only, sounding, errors);
  }
  for (const Note& note : notes) {
    if (was_told(note)) continue;
    const bool is_settled = at_end || (std::max(note.onset_sec, note.offset_sec) < settled_sec &&
                                       (onset_only || std::find(ended.begin(), ended.end(), note) != ended.end()));
    (is_settled ? settled : unsettled).push_back(note);
  }
  told_.insert(told_.end(), settled.begin(), settled.end());
  if (!at_end) forget_told_segments(unsettled);
  return settled;
}

void SettledNotes::forget_told_segments(std::span<const Note> unsettled) {
  double first_sec = start_sec(first_segment_ + by_channel_.front().size());
  for (const Note& note : unsettled) first_sec = std::min(first_sec, note.onset_sec);
  // One segment more than is needed stays: its last tick lies behind the beginning of the next.
  std::size_t n_gone = 0;
  while (n_gone + 2 < by_channel_.front().size() && start_sec(first_segment_ + n_gone + 2) <= first_sec) ++n_gone;
  for (auto& segments : by_channel_)
    segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(n_gone));
  first_segment_ += n_gone;
  std::erase_if(told_, [&](const Note& note) { return note.onset_sec < start_sec(first_segment_) - kTickSec; });
}

}  // namespace yourmt3
