#pragma once

#include <span>

#include "notation/beat_grid.h"
#include "notation/onset_events.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Beats and bars of notes; `events` are their attacks, at least one.
///
/// Rhythm alone leaves open which of several pulses is the beat. So the beats tracked in halves and in thirds, their
/// doubles, halves and shifts are each grouped into bars of two, three or four, and the reading is taken that explains
/// best where attacks fall and what the notes do on beats and bar lines. Beats in thirds are 6/8 when all thirds are
/// played, otherwise swung quarters.
BeatGrid track_bars(std::span<const Note> notes, std::span<const OnsetEvent> events);

}  // namespace yourmt3
