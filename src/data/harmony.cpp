#include "data/harmony.h"

#include <algorithm>
#include <cstdlib>

namespace yourmt3 {
namespace {

constexpr std::array<std::array<int, 7>, 5> kModes = {{
    {0, 2, 4, 5, 7, 9, 11},  // major
    {0, 2, 3, 5, 7, 8, 10},  // natural minor
    {0, 2, 3, 5, 7, 9, 10},  // dorian
    {0, 2, 4, 5, 7, 9, 10},  // mixolydian
    {0, 2, 3, 5, 7, 8, 11},  // harmonic minor
}};

// Degrees from 0; each list is gone through once in its number of bars.
const std::vector<std::vector<int>> kMajorProgressions = {{0, 4, 5, 3},
                                                          {0, 5, 3, 4},
                                                          {5, 3, 0, 4},
                                                          {0, 3, 4, 0},
                                                          {1, 4, 0, 0},
                                                          {0, 5, 1, 4},
                                                          {0, 2, 3, 4},
                                                          {3, 4, 2, 5},
                                                          {0, 4, 5, 2, 3, 0, 3, 4},
                                                          {0, 3, 0, 4},
                                                          {0, 0, 3, 3, 0, 0, 4, 0},
                                                          {0, 1, 3, 0},
                                                          {0, 6, 3, 0},
                                                          {0, 0, 0, 0, 3, 3, 0, 0, 4, 3, 0, 4}};
const std::vector<std::vector<int>> kMinorProgressions = {
    {0, 5, 2, 6}, {0, 3, 4, 0}, {0, 6, 5, 4}, {0, 5, 3, 4}, {0, 3, 6, 2, 5, 1, 4, 0},
    {0, 6, 0, 4}, {0, 2, 6, 3}, {0, 0, 5, 6}, {0, 4, 0, 3}, {5, 6, 0, 0}};

int floor_div(int a, int b) {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

Chord diatonic_chord(const Key& key, int degree, bool seventh, Random& random) {
  Chord chord;
  const int sizes = seventh ? 4 : 3;
  for (int i = 0; i < sizes; ++i) {
    int pitch = key.pitch(degree + 2 * i);
    // The dominant of a minor key usually has the leading tone.
    if (key.minor && degree == 4 && i == 1 && random.chance(0.7)) pitch = key.tonic + 11;
    chord.tones.push_back(((pitch % 12) + 12) % 12);
  }
  if (!seventh && random.chance(0.06)) chord.tones[1] = ((key.pitch(degree + 3) % 12) + 12) % 12;        // suspended
  if (!seventh && random.chance(0.06)) chord.tones.push_back(((key.pitch(degree + 1) % 12) + 12) % 12);  // added ninth
  return chord;
}

}  // namespace

int Key::pitch(int index) const {
  const int octave = floor_div(index, 7);
  return tonic + 12 * octave + steps[static_cast<std::size_t>(index - 7 * octave)];
}

int Key::nearest_step(int target) const {
  int best = 0;
  for (int index = floor_div(target - tonic, 12) * 7 - 1, i = 0; i < 10; ++i) {
    if (i == 0 || std::abs(pitch(index + i) - target) < std::abs(pitch(best) - target)) best = index + i;
  }
  return best;
}

Key draw_key(Random& random) {
  const auto mode = random.weighted(std::array{0.45, 0.28, 0.1, 0.1, 0.07});
  Key key;
  key.tonic = random.integer(0, 11);
  key.steps = kModes[mode];
  key.minor = mode == 1 || mode == 2 || mode == 4;
  return key;
}

std::vector<Chord> draw_chords(const Key& key, int bars, int beats_per_bar, double sevenths, Random& random) {
  std::vector<Chord> chords;
  const auto& progressions = key.minor ? kMinorProgressions : kMajorProgressions;
  const double beats = beats_per_bar == 4 && random.chance(0.2) ? 2.0 : beats_per_bar;
  const bool use_sevenths = random.chance(std::min(1.0, sevenths * 1.5));
  auto progression = random.pick(progressions);
  std::size_t at = 0;
  int rounds = 0;
  for (double beat = 0; beat < bars * beats_per_bar; beat += beats) {
    auto chord = diatonic_chord(key, progression[at], use_sevenths && random.chance(std::max(0.6, sevenths)), random);
    chord.start_beat = beat;
    chord.beats = beats;
    chords.push_back(std::move(chord));
    if (++at == progression.size()) {
      at = 0;
      if (++rounds % 2 == 0 && random.chance(0.5)) progression = random.pick(progressions);
    }
  }
  return chords;
}

std::vector<int> voice_chord(const Chord& chord, int centre, int count) {
  std::vector<int> pitches;
  for (int octave = 0; static_cast<int>(pitches.size()) < count; ++octave) {
    for (const int tone : chord.tones) {
      if (static_cast<int>(pitches.size()) == count) break;
      const int base = centre - 5;
      pitches.push_back(base + (((tone - base) % 12) + 12) % 12 + 12 * octave);
    }
  }
  std::sort(pitches.begin(), pitches.end());
  return pitches;
}

int nearest_chord_tone(const Chord& chord, int pitch) {
  int best = pitch;
  int distance = 100;
  for (const int tone : chord.tones) {
    const int up = (((tone - pitch) % 12) + 12) % 12;
    for (const int step : {up, up - 12}) {
      if (std::abs(step) >= distance) continue;
      distance = std::abs(step);
      best = pitch + step;
    }
  }
  return best;
}

}  // namespace yourmt3
