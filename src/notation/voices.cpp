#include "notation/voices.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "notation/drum_notation.h"

namespace yourmt3 {
namespace {

/// End of the run of notes that begin where note `first` does.
std::size_t end_of_group(std::span<const QuantizedNote> notes, std::size_t first) {
  std::size_t end = first + 1;
  while (end < notes.size() && notes[end].begin == notes[first].begin) ++end;
  return end;
}

void add_to(std::vector<VoiceChord>& voice, const QuantizedNote& note) {
  if (voice.empty() || voice.back().begin < note.begin) {
    if (!voice.empty()) voice.back().end = std::min(voice.back().end, note.begin);
    voice.push_back({note.begin, note.end, {note.pitch}});
    return;
  }
  // One stem, one length: that of the longest.
  voice.back().pitches.push_back(note.pitch);
  voice.back().end = std::max(voice.back().end, note.end);
}

/// Closes gaps that are articulation rather than rests, and rounds the ends before real rests to what is easily read.
void tidy_ends(std::vector<VoiceChord>& voice, std::span<const int> step, int beat_divisions) {
  for (std::size_t i = 0; i < voice.size(); ++i) {
    VoiceChord& chord = voice[i];
    const int next = i + 1 < voice.size() ? voice[i + 1].begin : std::numeric_limits<int>::max();
    const int length = chord.end - chord.begin;
    const int gap = next - chord.end;
    const int beat_end = (chord.begin / beat_divisions + 1) * beat_divisions;
    if (gap <= std::max(length / 2, step[static_cast<std::size_t>(chord.begin / beat_divisions)])) {
      chord.end = next;
    } else if (chord.end > beat_end) {
      // Longer notes before a rest end on a beat.
      chord.end = std::min(next, (chord.end + beat_divisions / 2) / beat_divisions * beat_divisions);
    } else if (2 * length >= beat_end - chord.begin) {
      chord.end = std::min(next, beat_end);
    }
  }
}

/// The first free voice that suits, or the one whose chord may be cut.
std::size_t voice_for(const StaffVoices& voices, const QuantizedNote& note) {
  std::size_t best = 0;
  double best_cost = std::numeric_limits<double>::infinity();
  for (std::size_t v = 0; v < voices.size(); ++v) {
    double cost = v == 0 ? 0 : 6;
    if (!voices[v].empty()) {
      const VoiceChord& last = voices[v].back();
      const bool sounding = last.end > note.begin;
      const double distance = std::abs(note.pitch - last.pitches.front());
      if (last.begin == note.begin) {
        // Into the chord, if it is as long.
        cost += distance * 0.2 + 0.5 * std::abs(last.end - note.end);
      } else if (sounding) {
        cost += 20 + (last.end - note.begin);
      } else {
        // A voice that has rested long may begin anywhere.
        cost += std::min(distance, 12.0) * (note.begin - last.end < 2 * 24 ? 1 : 0.2);
      }
    }
    if (cost < best_cost) best_cost = cost, best = v;
  }
  return best;
}

/// Share of chords that would be cut by more than half a beat in a single voice.
bool needs_two_voices(std::span<const QuantizedNote> notes, int beat_divisions) {
  int groups = 0, cut = 0;
  for (std::size_t first = 0; first < notes.size();) {
    const std::size_t end = end_of_group(notes, first);
    ++groups;
    if (end < notes.size()) {
      int last = 0;
      for (std::size_t i = first; i < end; ++i) last = std::max(last, notes[i].end);
      if (last - notes[end].begin > beat_divisions / 2) ++cut;
    }
    first = end;
  }
  return 10 * cut > groups;
}

// The voice that is higher on average comes first: its stems go up.
void put_higher_first(StaffVoices& voices) {
  const auto mean = [](const std::vector<VoiceChord>& voice) {
    double sum = 0;
    for (const VoiceChord& chord : voice) sum += chord.pitches.back();
    return voice.empty() ? -1.0 : sum / static_cast<double>(voice.size());
  };
  if (voices.size() == 2 && mean(voices[1]) > mean(voices[0])) std::swap(voices[0], voices[1]);
}

}  // namespace

StaffVoices separate_voices(std::span<const QuantizedNote> notes, std::span<const int> step, int beat_divisions) {
  StaffVoices voices(needs_two_voices(notes, beat_divisions) ? 2 : 1);
  for (std::size_t first = 0; first < notes.size();) {
    const std::size_t end = end_of_group(notes, first);
    for (std::size_t i = first; i < end; ++i) add_to(voices[voice_for(voices, notes[i])], notes[i]);
    first = end;
  }
  if (voices.size() == 2 && voices[1].empty()) voices.pop_back();
  put_higher_first(voices);
  for (auto& voice : voices) {
    for (VoiceChord& chord : voice) std::sort(chord.pitches.begin(), chord.pitches.end());
    tidy_ends(voice, step, beat_divisions);
  }
  return voices;
}

StaffVoices drum_voices(std::span<const QuantizedNote> hits, int beat_divisions) {
  StaffVoices voices(2);
  for (const QuantizedNote& hit : hits) {
    const int beat_end = (hit.begin / beat_divisions + 1) * beat_divisions;
    add_to(voices[drum_symbol(hit.pitch).by_foot ? 1 : 0], {hit.begin, beat_end, hit.pitch});
  }
  if (voices[1].empty()) voices.pop_back();
  return voices;
}

std::vector<bool> left_hand(std::span<const QuantizedNote> notes) {
  constexpr double kMiddle = 60, kMemory = 0.85;
  constexpr int kSpan = 14;  // What a hand can reach.
  double left = 48, right = 72;
  std::vector<bool> is_left(notes.size());
  for (std::size_t first = 0; first < notes.size();) {
    const std::size_t end = end_of_group(notes, first);
    const std::size_t n = end - first;
    // The lowest k notes go to the left hand.
    std::size_t best = 0;
    double best_cost = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k <= n; ++k) {
      double cost = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const int pitch = notes[first + i].pitch;
        cost += std::abs(pitch - (i < k ? left : right));
        cost += 0.8 * std::max(0.0, i < k ? pitch - kMiddle : kMiddle - pitch);
      }
      if (k > 0) cost += 2.0 * std::max(0, notes[first + k - 1].pitch - notes[first].pitch - kSpan);
      if (k < n) cost += 2.0 * std::max(0, notes[end - 1].pitch - notes[first + k].pitch - kSpan);
      if (cost < best_cost) best_cost = cost, best = k;
    }
    double sum_left = 0, sum_right = 0;
    for (std::size_t i = 0; i < n; ++i) {
      is_left[first + i] = i < best;
      (i < best ? sum_left : sum_right) += notes[first + i].pitch;
    }
    if (best > 0) left = kMemory * left + (1 - kMemory) * sum_left / static_cast<double>(best);
    if (best < n) right = kMemory * right + (1 - kMemory) * sum_right / static_cast<double>(n - best);
    first = end;
  }
  return is_left;
}

}  // namespace yourmt3
