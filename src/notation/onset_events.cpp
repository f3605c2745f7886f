#include "notation/onset_events.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace yourmt3 {
namespace {

// Below this distance two onsets are heard as one chord rather than as a rhythm.
constexpr double kChordSec = 0.035;

double drum_weight(int key) {
  switch (key) {
    case 35:
    case 36:
    case 38:
    case 40:
      return 1.0;  // Kick and snare.
    case 49:
    case 52:
    case 55:
    case 57:
      return 0.8;  // Crash cymbals.
    case 22:
    case 42:
    case 44:
    case 46:
    case 51:
    case 53:
    case 59:
      return 0.4;  // Hi-hat and ride also play between the beats.
    default:
      return 0.5;
  }
}

double note_weight(const Note& note) {
  if (note.is_drum) return drum_weight(note.pitch);
  const double length_sec = std::clamp(note.offset_sec - note.onset_sec, 0.0, 0.8);
  return 0.3 + 0.5 * length_sec + (note.pitch < 48 ? 0.4 : 0.0);
}

// Against the mean of eight neighbours on each side.
void set_accents(std::vector<OnsetEvent>& events) {
  constexpr std::size_t kNeighbours = 8;
  std::vector<double> sums(events.size() + 1);
  for (std::size_t i = 0; i < events.size(); ++i) sums[i + 1] = sums[i] + events[i].weight;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::size_t begin = i < kNeighbours ? 0 : i - kNeighbours;
    const std::size_t end = std::min(events.size(), i + kNeighbours + 1);
    const double mean = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
    events[i].accent = std::clamp(0.5 * events[i].weight / mean, 0.0, 1.0);
  }
}

}  // namespace

std::vector<OnsetEvent> find_onset_events(std::span<const Note> notes) {
  std::vector<const Note*> sorted;
  for (const Note& note : notes) sorted.push_back(&note);
  // All that tells weights, so that sums do not depend on the order of the list.
  std::sort(sorted.begin(), sorted.end(), [](const Note* a, const Note* b) {
    return std::tie(a->onset_sec, a->is_drum, a->pitch, a->offset_sec) <
           std::tie(b->onset_sec, b->is_drum, b->pitch, b->offset_sec);
  });
  std::vector<OnsetEvent> events;
  double first_sec = 0, moment = 0;
  for (const Note* note : sorted) {
    if (events.empty() || note->onset_sec > first_sec + kChordSec) {
      first_sec = note->onset_sec;
      moment = 0;
      events.emplace_back();
    }
    const double weight = note_weight(*note);
    moment += weight * (note->onset_sec - first_sec);
    events.back().weight += weight;
    events.back().time_sec = first_sec + moment / events.back().weight;
  }
  // Loudness adds up less than proportionally.
  for (OnsetEvent& event : events) event.weight = std::sqrt(event.weight);
  set_accents(events);
  return events;
}

}  // namespace yourmt3
