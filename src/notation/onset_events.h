#pragma once

#include <span>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// Notes that begin together, as a listener hears one attack.
struct OnsetEvent {
  double time_sec = 0;  ///< Mean onset of its notes, the heavier the more.
  double weight = 0;    ///< How much it is heard; bass, long notes and drums count more.
  double accent = 0.5;  ///< 0 to 1: its weight against that of its neighbours, 0.5 when they are alike.
};

/// The attacks of notes with finite onsets, by time; at most some thirty a second.
std::vector<OnsetEvent> find_onset_events(std::span<const Note> notes);

}  // namespace yourmt3
