#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "score/decode_errors.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// One change in time: a note begins or ends. Drums only begin.
struct NoteEvent {
  bool is_drum = false;
  int program = 0;
  double time_sec = 0;  ///< NaN means none.
  int velocity = 1;     ///< 1 begins a note, 0 ends it.
  int pitch = 60;
  std::optional<double> confidence = {};  ///< As Note's, of events that begin notes.

  friend bool operator==(const NoteEvent&, const NoteEvent&) = default;
};

/// A pitched note that already sounds when a segment begins.
struct Tie {
  int program = 0;
  int pitch = 60;

  friend auto operator<=>(const Tie&, const Tie&) = default;
};

/// Sorts by time, is_drum, program, velocity, pitch: at one time and program, notes end before others begin.
/// Throws Error(kInvalidArgument) when some times are missing and some are not.
void sort_events(std::vector<NoteEvent>& events);

/// Two events for each pitched note, one for each drum note, sorted.
std::vector<NoteEvent> notes_to_events(std::span<const Note> notes);

/// The sorted events of a whole song, and for each of them the notes that sound just before it.
class SongEvents {
 public:
  SongEvents() = default;

  /// Throws Error(kInvalidArgument) for a velocity other than 0 and 1 and for a note that ends no later than it begins
  /// (its end sorts first).
  explicit SongEvents(std::span<const Note> notes);

  std::span<const NoteEvent> events() const { return events_; }

  /// Notes sounding just before event `index`, sorted.
  std::vector<Tie> sounding_before(std::size_t index) const;

 private:
  std::vector<NoteEvent> events_;
  // Onsets sounding before event i: indices sounding_[first_[i]] to sounding_[first_[i + 1]].
  std::vector<std::size_t> first_;
  std::vector<std::uint32_t> sounding_;
};

/// What events_to_notes() does after pairing; both are on in the reference.
struct EventPairing {
  bool fix = true;   ///< Cut notes of more than ten seconds to kMinimumDurationSec, and validate.
  bool trim = true;  ///< Trim overlaps.
};

/// Pairs begins with ends. A note begun again is ended first; a note never ended lasts kMinimumDurationSec.
std::vector<Note> events_to_notes(std::vector<NoteEvent> events, const EventPairing& pairing, DecodeErrors& errors);

}  // namespace yourmt3
