#include "notation/beat_features.h"

#include <algorithm>
#include <cmath>

#include "notation/beat_grid.h"

namespace yourmt3 {
namespace {

enum Feature { kHarmony, kBass, kLength, kKick, kSnare, kCrash, kOtherDrum, kNotes };

/// Notes by where they begin and sound, in beats.
struct PlacedInBeats {
  const Note* note;
  double begin, end;
};

std::vector<PlacedInBeats> place(std::span<const Note> notes, std::span<const double> beat_sec) {
  BeatGrid grid;
  grid.beat_sec.assign(beat_sec.begin(), beat_sec.end());
  std::vector<PlacedInBeats> placed;
  for (const Note& note : notes) {
    const double begin = grid.beat_at(note.onset_sec);
    placed.push_back({&note, begin, std::max(begin, grid.beat_at(note.offset_sec))});
  }
  return placed;
}

using PitchClasses = std::array<double, 12>;

// 1 - cosine; 0 when one side is silent.
double difference(const PitchClasses& a, const PitchClasses& b) {
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    product += a[i] * b[i];
    square_a += a[i] * a[i];
    square_b += b[i] * b[i];
  }
  return square_a > 0 && square_b > 0 ? 1 - product / std::sqrt(square_a * square_b) : 0;
}

void add_drum(BeatFeatures& features, int key) {
  switch (key) {
    case 35:
    case 36:
      features[kKick] = 1;
      break;
    case 38:
    case 40:
      features[kSnare] = 1;
      break;
    case 49:
    case 52:
    case 55:
    case 57:
      features[kCrash] = 1;
      break;
    default:
      features[kOtherDrum] = 1;
  }
}

// Harmony is what sounds in the two beats before and after.
void add_harmony(std::span<const PlacedInBeats> placed, std::vector<BeatFeatures>& features) {
  const auto n = static_cast<int>(features.size());
  std::vector<PitchClasses> sounding(features.size());
  for (const PlacedInBeats& note : placed) {
    if (note.note->is_drum) continue;
    // What goes on for eight beats tells of no change.
    const double end = std::min(note.end, note.begin + 8);
    for (int beat = std::max(0, static_cast<int>(std::floor(note.begin + 0.1))); beat < n && beat < end; ++beat) {
      const double share = std::min(end, beat + 1.0) - std::max(note.begin, static_cast<double>(beat));
      sounding[static_cast<std::size_t>(beat)][static_cast<std::size_t>(note.note->pitch) % 12] += std::max(0.0, share);
    }
  }
  for (int beat = 0; beat < n; ++beat) {
    PitchClasses before{}, after{};
    for (int k = 1; k <= 2; ++k) {
      for (std::size_t i = 0; i < 12; ++i) {
        if (beat - k >= 0) before[i] += sounding[static_cast<std::size_t>(beat - k)][i];
        if (beat + k - 1 < n) after[i] += sounding[static_cast<std::size_t>(beat + k - 1)][i];
      }
    }
    features[static_cast<std::size_t>(beat)][kHarmony] = difference(before, after);
  }
}

// A new lowest note.
void add_bass(std::span<const PlacedInBeats> placed, std::vector<BeatFeatures>& features) {
  std::vector<int> lowest(features.size(), 128);
  for (const PlacedInBeats& note : placed) {
    const auto beat = static_cast<std::size_t>(std::lround(std::max(0.0, note.begin)));
    if (note.note->is_drum || note.note->pitch >= 60 || std::abs(note.begin - std::round(note.begin)) > 0.15) continue;
    if (beat < lowest.size()) lowest[beat] = std::min(lowest[beat], note.note->pitch);
  }
  int playing = -1;
  for (std::size_t beat = 0; beat < features.size(); ++beat) {
    if (lowest[beat] == 128) continue;
    features[beat][kBass] = lowest[beat] % 12 == playing ? 0.3 : 1;
    playing = lowest[beat] % 12;
  }
}

void subtract_local_means(std::vector<BeatFeatures>& features) {
  constexpr std::size_t kReach = 8;
  const std::vector<BeatFeatures> raw = features;
  for (std::size_t f = 0; f < kBeatFeatures; ++f) {
    std::vector<double> sums(raw.size() + 1);
    for (std::size_t i = 0; i < raw.size(); ++i) sums[i + 1] = sums[i] + raw[i][f];
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const std::size_t begin = i < kReach ? 0 : i - kReach;
      const std::size_t end = std::min(raw.size(), i + kReach);
      features[i][f] -= (sums[end] - sums[begin]) / static_cast<double>(end - begin);
    }
  }
}

}  // namespace

std::vector<BeatFeatures> beat_features(std::span<const Note> notes, std::span<const double> place_sec) {
  std::vector<BeatFeatures> features(place_sec.size());
  const std::vector<PlacedInBeats> placed = place(notes, place_sec);
  for (const PlacedInBeats& note : placed) {
    const double nearest = std::round(note.begin);
    if (std::abs(note.begin - nearest) > 0.15 || nearest < 0 || nearest >= static_cast<double>(place_sec.size()))
      continue;
    BeatFeatures& here = features[static_cast<std::size_t>(nearest)];
    if (note.note->is_drum) {
      add_drum(here, note.note->pitch);
    } else {
      here[kLength] = std::max(here[kLength], std::log2(1 + std::min(note.end - note.begin, 8.0)));
      here[kNotes] += 1;
    }
  }
  for (BeatFeatures& here : features) here[kNotes] = std::log2(1 + here[kNotes]);
  add_harmony(placed, features);
  add_bass(placed, features);
  subtract_local_means(features);
  return features;
}

}  // namespace yourmt3
