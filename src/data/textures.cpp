#include "data/textures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace yourmt3 {
namespace {

struct Span {
  double start;
  double beats;
};
using Rhythm = std::vector<Span>;

// Where a chord is struck within one bar of four or three beats.
const std::vector<Rhythm> kFour = {
    {{0, 4}},
    {{0, 2}, {2, 2}},
    {{0, 1}, {1, 1}, {2, 1}, {3, 1}},
    {{0, .5}, {.5, .5}, {1, .5}, {1.5, .5}, {2, .5}, {2.5, .5}, {3, .5}, {3.5, .5}},
    {{.5, .4}, {1.5, .4}, {2.5, .4}, {3.5, .4}},
    {{0, 1.5}, {1.5, 2.5}},
    {{0, 1.5}, {1.5, 1.5}, {3, 1}},
    {{1, .5}, {3, .5}},
    {{0, .75}, {.75, .75}, {1.5, .5}, {2, .75}, {2.75, .75}, {3.5, .5}},
    {{0, 1}, {1, .5}, {1.5, 1}, {2.5, .5}, {3, .5}, {3.5, .5}},
    {{0, .25}, {.75, .25}, {1.5, .25}, {2, .25}, {2.75, .25}, {3.25, .25}},
};
const std::vector<Rhythm> kThree = {
    {{0, 3}}, {{0, 1}, {1, 1}, {2, 1}}, {{1, .8}, {2, .8}}, {{0, 1.5}, {1.5, 1.5}}, {{0, 2}, {2, 1}},
};

Rhythm draw_motif(double beats, double busy, Random& random) {
  const std::array weights = {0.02 + 0.5 * busy * busy, 0.2 + 1.2 * busy, 0.8, 0.25,
                              0.7 - 0.6 * busy,         0.25 - 0.2 * busy};
  constexpr std::array lengths = {0.25, 0.5, 1.0, 1.5, 2.0, 4.0};
  Rhythm motif;
  double beat = random.chance(0.25) ? random.pick(std::array{0.5, 1.0, 1.5}) : 0.0;
  while (beat < beats - 1e-9) {
    double length = lengths[random.weighted(weights)];
    // Short notes come in groups, so that the beat is met again.
    const int repeats = length == 0.25 ? 4 - static_cast<int>(std::fmod(beat, 1.0) * 4) : length == 0.5 ? 2 : 1;
    for (int i = 0; i < repeats && beat < beats - 1e-9; ++i) {
      length = std::min(length, beats - beat);
      if (!random.chance(0.08)) motif.push_back({beat, length});
      beat += length;
    }
  }
  return motif;
}

int clamp_octaves(PitchRange range, int pitch) {
  return fold_into(range, pitch);
}

}  // namespace

const Chord& Frame::chord_at(double beat) const {
  const auto after = std::upper_bound(chords.begin(), chords.end(), beat + 1e-6,
                                      [](double value, const Chord& chord) { return value < chord.start_beat; });
  return after == chords.begin() ? chords.front() : *std::prev(after);
}

bool Frame::plays_at(double beat) const {
  const auto bar = static_cast<std::size_t>(beat / beats_per_bar + 1e-6);
  return bar < loudness.size() && loudness[bar] > 0;
}

int Frame::level(double beat, int velocity) const {
  const auto bar = std::min(loudness.size() - 1, static_cast<std::size_t>(beat / beats_per_bar + 1e-6));
  return std::clamp(static_cast<int>(velocity * loudness[bar]), 1, 127);
}

std::vector<BeatNote> write_melody(const Frame& frame, PitchRange range, double busy, Random& random) {
  std::vector<BeatNote> notes;
  const int span = std::min(range.high - range.low, random.integer(12, 20));
  const int low = range.low + random.integer(0, range.high - range.low - span);
  const int high = low + span;
  const double phrase = 2.0 * frame.beats_per_bar;
  auto motif = draw_motif(phrase, busy, random);
  auto answer = draw_motif(phrase, busy, random);
  const double legato = random.uniform(0.6, 1.0);
  const int loud = random.integer(80, 112);
  int step = frame.key.nearest_step((low + high) / 2);
  int direction = 1;
  for (double start = 0; start < frame.bars * frame.beats_per_bar; start += phrase) {
    const auto bar = static_cast<int>(start / frame.beats_per_bar + 0.5);
    if (bar % 8 == 0 && random.chance(0.3)) motif = draw_motif(phrase, busy, random);
    for (const auto& [at, length] : (bar / 2) % 2 == 0 ? motif : answer) {
      const double beat = start + at;
      if (!frame.plays_at(beat) || random.chance(0.03)) continue;
      if (random.chance(0.3)) direction = -direction;
      const int leap = random.chance(0.12) ? random.integer(3, 5) : random.chance(0.12) ? 0 : random.integer(1, 2);
      step += direction * leap;
      int pitch = frame.key.pitch(step);
      if (pitch > high || pitch < low) {
        direction = pitch > high ? -1 : 1;
        step = frame.key.nearest_step(std::clamp(pitch, low, high) + direction * random.integer(1, 5));
        pitch = frame.key.pitch(step);
      }
      const bool strong = std::fmod(at, 1.0) < 1e-6;
      if ((strong && random.chance(0.75)) || length >= 2) {
        pitch = nearest_chord_tone(frame.chord_at(beat), pitch);
        step = frame.key.nearest_step(pitch);
      } else if (random.chance(0.03)) {
        pitch += random.pick(std::array{-1, 1});
      }
      const int accent = strong ? 6 : -6;
      notes.push_back({beat, length * legato, clamp_octaves(range, pitch), frame.level(beat, loud + accent)});
    }
  }
  return notes;
}

std::vector<BeatNote> write_counter_melody(const Frame& frame, PitchRange range, Random& random) {
  std::vector<BeatNote> notes;
  int pitch = (range.low + range.high) / 2 + random.integer(-7, 7);
  const int loud = random.integer(65, 95);
  const bool moving = random.chance(0.5);
  for (const auto& chord : frame.chords) {
    double beat = chord.start_beat;
    while (beat < chord.start_beat + chord.beats - 1e-9) {
      const double length = std::min(moving ? random.pick(std::array{1.0, 1.0, 2.0, 0.5}) : chord.beats,
                                     chord.start_beat + chord.beats - beat);
      pitch = nearest_chord_tone(chord, std::clamp(pitch + random.integer(-4, 4), range.low + 3, range.high - 3));
      if (frame.plays_at(beat) && !random.chance(0.08)) {
        notes.push_back({beat, length * 0.95, clamp_octaves(range, pitch), frame.level(beat, loud)});
      }
      beat += length;
    }
  }
  return notes;
}

std::vector<BeatNote> write_bass(const Frame& frame, PitchRange range, BassKind kind, Random& random) {
  std::vector<BeatNote> notes;
  const int loud = random.integer(82, 112);
  const int floor_pitch = std::clamp(random.integer(28, 36), range.low, std::max(range.low, range.high - 12));
  const double legato = random.uniform(0.55, 0.98);
  const auto add = [&](double beat, double beats, int pitch, int change) {
    if (frame.plays_at(beat)) {
      notes.push_back({beat, beats * legato, clamp_octaves(range, pitch), frame.level(beat, loud + change)});
    }
  };
  for (std::size_t c = 0; c < frame.chords.size(); ++c) {
    const auto& chord = frame.chords[c];
    const int root = floor_pitch + (((chord.tones[0] - floor_pitch) % 12) + 12) % 12;
    const int fifth = root + ((chord.tones[2] - chord.tones[0]) + 12) % 12;
    const auto& next = frame.chords[std::min(c + 1, frame.chords.size() - 1)];
    const int next_root = nearest_chord_tone({0, 0, {next.tones[0]}}, root);
    const double start = chord.start_beat;
    const double end = start + chord.beats;
    switch (kind) {
      case BassKind::kSustained:
        add(start, chord.beats, root, 0);
        break;
      case BassKind::kRootFifth:
        for (double beat = start; beat < end - 1e-9; beat += frame.beats_per_bar == 3 ? 3 : 2) {
          add(beat, frame.beats_per_bar == 3 ? 1 : 1.5, std::fmod(beat - start, 4.0) < 1 ? root : fifth, 0);
        }
        break;
      case BassKind::kWalking:
        for (double beat = start; beat < end - 1e-9; beat += 1) {
          int pitch = root;
          if (beat > end - 1.5) {
            pitch = next_root + random.pick(std::array{-1, 1, -2, 2});
          } else if (beat > start) {
            pitch = nearest_chord_tone(chord, root + random.integer(0, 12));
          }
          add(beat, 1, pitch, beat == start ? 5 : 0);
          if (random.chance(0.08)) add(beat + 0.5, 0.5, pitch, -15);
        }
        break;
      case BassKind::kEighths:
        for (double beat = start; beat < end - 1e-9; beat += 0.5) {
          add(beat, 0.5, random.chance(0.06) ? fifth : root, std::fmod(beat, 1.0) < 0.1 ? 4 : -6);
        }
        break;
      case BassKind::kOctaves:
        for (double beat = start; beat < end - 1e-9; beat += 0.5) {
          add(beat, 0.5, std::fmod(beat, 1.0) < 0.1 ? root : root + 12, 0);
        }
        break;
      case BassKind::kSyncopated:
        for (const double at : {0.0, 1.5, 2.0, 3.5}) {
          if (at < chord.beats && !random.chance(0.12)) {
            add(start + at, at == 2.0 || at == 0.0 ? 1.5 : 0.5, at == 3.5 ? next_root : at == 2.0 ? fifth : root, 0);
          }
        }
        break;
      case BassKind::kSixteenths:
        for (double beat = start; beat < end - 1e-9; beat += 0.25) {
          if (random.chance(0.75))
            add(beat, 0.25, random.chance(0.15) ? root + 12 : root, std::fmod(beat, 1.0) < 0.1 ? 8 : -8);
        }
        break;
    }
  }
  return notes;
}

std::vector<BeatNote> write_chords(const Frame& frame, PitchRange range, ChordKind kind, int centre, Random& random) {
  std::vector<BeatNote> notes;
  const auto& rhythms = frame.beats_per_bar == 3 ? kThree : kFour;
  const auto& rhythm = random.pick(rhythms);
  const int loud = random.integer(62, 98);
  const int size = kind == ChordKind::kStrum     ? random.integer(4, 6)
                   : kind == ChordKind::kChorale ? 4
                                                 : random.integer(3, 4);
  const double legato = random.uniform(0.5, 1.0);
  const double spread = random.uniform(0.015, 0.045);
  const double pace = frame.beats_per_bar == 3 ? random.pick(std::array{0.5, 1.0})
                                               : random.pick(std::array{0.5, 0.5, 0.25, 1.0 / 3.0, 1.0});
  std::vector<int> order(static_cast<std::size_t>(random.pick(std::array{3, 4, 6, 8})));
  const int shape = random.integer(0, 3);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const int n = static_cast<int>(i);
    const int count = static_cast<int>(order.size());
    order[i] = shape == 0 ? n : shape == 1 ? count - 1 - n : shape == 2 ? std::min(n, count - n) : random.integer(0, 4);
  }
  const auto add = [&](double beat, double beats, int pitch, int velocity) {
    if (frame.plays_at(beat)) notes.push_back({beat, beats, clamp_octaves(range, pitch), frame.level(beat, velocity)});
  };
  const double total = frame.bars * frame.beats_per_bar;
  switch (kind) {
    case ChordKind::kPad:
    case ChordKind::kChorale:
      for (const auto& chord : frame.chords) {
        const double unit = kind == ChordKind::kPad ? chord.beats : random.pick(std::array{1.0, 1.0, 2.0});
        for (double at = 0; at < chord.beats - 1e-9; at += unit) {
          const int moved = centre + (kind == ChordKind::kChorale ? random.integer(-3, 3) : 0);
          for (const int pitch : voice_chord(chord, moved, size)) {
            add(chord.start_beat + at, std::min(unit, chord.beats - at) * 0.98, pitch, loud);
          }
          if (kind == ChordKind::kChorale) {
            const int root = moved - 24 + (((chord.tones[0] - moved) % 12) + 12) % 12;
            add(chord.start_beat + at, std::min(unit, chord.beats - at) * 0.98, root, loud);
          }
        }
      }
      break;
    case ChordKind::kBlock:
    case ChordKind::kStrum:
      for (int bar = 0; bar < frame.bars; ++bar) {
        bool down = true;
        for (const auto& [at, length] : rhythm) {
          const double beat = bar * frame.beats_per_bar + at;
          if (random.chance(0.04)) continue;
          auto pitches = voice_chord(frame.chord_at(beat), centre, size);
          if (kind == ChordKind::kStrum && !down) std::reverse(pitches.begin(), pitches.end());
          const int accent = std::fmod(at, 1.0) < 0.1 ? 4 : -5;
          for (std::size_t i = 0; i < pitches.size(); ++i) {
            const double late = kind == ChordKind::kStrum ? spread * static_cast<double>(i) : 0.0;
            if (kind == ChordKind::kStrum && !down && i > 3) break;
            add(beat + late, std::max(0.1, length * legato - late), pitches[i], loud + accent);
          }
          down = !down || std::fmod(at, 1.0) < 0.1;
        }
      }
      break;
    case ChordKind::kArpeggio: {
      std::size_t at = 0;
      for (double beat = 0; beat < total - 1e-9; beat += pace) {
        if (std::fmod(beat, frame.beats_per_bar) < 1e-6) at = 0;
        const auto& chord = frame.chord_at(beat);
        const auto pitches = voice_chord(chord, centre, 5);
        const auto pitch = pitches[static_cast<std::size_t>(order[at++ % order.size()]) % pitches.size()];
        if (!random.chance(0.03)) add(beat, pace * (legato + 0.6), pitch, loud + (std::fmod(beat, 1.0) < 0.1 ? 5 : -5));
      }
      break;
    }
  }
  return notes;
}

}  // namespace yourmt3
