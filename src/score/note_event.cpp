#include "score/note_event.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "core/fail.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

// As the reference: longer notes are taken for errors and are cut to the shortest length, not to this one.
constexpr double kLongestNoteSec = 10;

bool event_order(const NoteEvent& a, const NoteEvent& b) {
  if (const int order = compare_times(a.time_sec, b.time_sec)) return order < 0;
  return std::tie(a.is_drum, a.program, a.velocity, a.pitch) < std::tie(b.is_drum, b.program, b.velocity, b.pitch);
}

// As the reference: pitch before velocity, program last.
bool pairing_order(const NoteEvent& a, const NoteEvent& b) {
  if (const int order = compare_times(a.time_sec, b.time_sec)) return order < 0;
  return std::tie(a.is_drum, a.pitch, a.velocity, a.program) < std::tie(b.is_drum, b.pitch, b.velocity, b.program);
}

}  // namespace

void sort_events(std::vector<NoteEvent>& events) {
  std::stable_sort(events.begin(), events.end(), event_order);
}

std::vector<NoteEvent> notes_to_events(std::span<const Note> notes) {
  std::vector<NoteEvent> events;
  events.reserve(2 * notes.size());
  for (const Note& note : notes) {
    events.push_back({note.is_drum, note.program, note.onset_sec, note.velocity, note.pitch});
    if (!note.is_drum) events.push_back({false, note.program, note.offset_sec, 0, note.pitch});
  }
  sort_events(events);
  return events;
}

SongEvents::SongEvents(std::span<const Note> notes) : events_(notes_to_events(notes)) {
  first_.reserve(events_.size() + 1);
  std::vector<std::uint32_t> sounding;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const NoteEvent& event = events_[i];
    first_.push_back(sounding_.size());
    sounding_.insert(sounding_.end(), sounding.begin(), sounding.end());
    if (event.is_drum) continue;
    if (event.velocity == 1) {
      sounding.push_back(static_cast<std::uint32_t>(i));
    } else if (event.velocity == 0) {
      const auto onset = std::find_if(sounding.begin(), sounding.end(), [&](std::uint32_t j) {
        return events_[j].program == event.program && events_[j].pitch == event.pitch;
      });
      if (onset == sounding.end()) {
        fail(ErrorCode::kInvalidArgument,
             "note of program {}, pitch {} ends at {} s but does not sound then; validate the notes first",
             event.program, event.pitch, event.time_sec);
      }
      sounding.erase(onset);
    } else {
      fail(ErrorCode::kInvalidArgument, "note of program {}, pitch {} at {} s has velocity {}, expected 0 or 1",
           event.program, event.pitch, event.time_sec, event.velocity);
    }
  }
  first_.push_back(sounding_.size());
}

std::vector<Tie> SongEvents::sounding_before(std::size_t index) const {
  YOURMT3_ASSERT(index < events_.size());
  std::vector<Tie> ties;
  for (std::size_t k = first_[index]; k < first_[index + 1]; ++k) {
    const NoteEvent& onset = events_[sounding_[k]];
    ties.push_back({onset.program, onset.pitch});
  }
  std::stable_sort(ties.begin(), ties.end());
  return ties;
}

std::vector<Note> events_to_notes(std::vector<NoteEvent> events, const EventPairing& pairing, DecodeErrors& errors) {
  std::stable_sort(events.begin(), events.end(), pairing_order);

  struct Onset {
    double time_sec;
    std::optional<double> confidence;
    std::size_t order;  // In which they were opened.
  };
  std::vector<Note> notes;
  std::map<std::pair<int, int>, Onset> open;  // By pitch and program.
  std::size_t n_opened = 0;
  for (const NoteEvent& event : events) {
    const double time_sec = event.time_sec;
    if (std::isnan(time_sec)) continue;
    if (event.is_drum) {
      if (event.velocity == 1) {
        notes.push_back(
            {true, kDrumProgram, time_sec, time_sec + kMinimumDurationSec, event.pitch, 1, event.confidence});
      }
      continue;
    }
    if (event.velocity != 0 && event.velocity != 1) continue;
    const auto key = std::make_pair(event.pitch, event.program);
    const auto found = open.find(key);
    if (found != open.end()) {
      const Onset& onset = found->second;
      notes.push_back({false, event.program, onset.time_sec, time_sec, event.pitch, 1, onset.confidence});
      open.erase(found);
    } else if (event.velocity == 0) {
      errors.add(DecodeError::kOnsetNotFound);
    }
    if (event.velocity == 1) open[key] = {time_sec, event.confidence, n_opened++};
  }

  std::vector<std::pair<std::size_t, Note>> left;
  for (const auto& [key, onset] : open) {
    left.push_back(
        {onset.order,
         {false, key.second, onset.time_sec, onset.time_sec + kMinimumDurationSec, key.first, 1, onset.confidence}});
  }
  std::sort(left.begin(), left.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [order, note] : left) notes.push_back(note);

  if (pairing.fix) {
    for (Note& note : notes) {
      if (note.offset_sec - note.onset_sec > kLongestNoteSec) {
        note.offset_sec = note.onset_sec + kMinimumDurationSec;
        errors.add(DecodeError::kLongNote);
      }
    }
  }
  sort_in_note_order(notes);
  if (pairing.fix) validate_notes(notes);
  if (pairing.trim) notes = trim_overlaps(std::move(notes));
  return notes;
}

}  // namespace yourmt3
