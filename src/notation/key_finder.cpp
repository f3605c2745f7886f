#include "notation/key_finder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace yourmt3 {
namespace {

using Profile12 = std::array<double, 12>;

// Source: Krumhansl and Kessler 1982, probe-tone ratings; from the tonic upwards.
constexpr Profile12 kMajor = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr Profile12 kMinor = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

// What a bass on the tonic at the beginning and at the end is worth, as correlation.
constexpr double kFirstBass = 0.12, kLastBass = 0.08;

double correlation(const Profile12& a, const Profile12& b, int shift) {
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / 12;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / 12;
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double x = a[(i + static_cast<std::size_t>(shift)) % 12] - mean_a;
    const double y = b[i] - mean_b;
    product += x * y;
    square_a += x * x;
    square_b += y * y;
  }
  return square_a > 0 ? product / std::sqrt(square_a * square_b) : 0;
}

/// Lowest pitch class of the notes that begin with the first or the last one, where pieces like to have their tonic.
int outer_bass(std::span<const Note> notes, bool last) {
  constexpr double kTogetherSec = 0.05;
  double time_sec = 0;
  int lowest = -1;
  for (const Note& note : notes) {
    if (note.is_drum) continue;
    const double later_sec = last ? note.onset_sec - time_sec : time_sec - note.onset_sec;
    if (lowest < 0 || later_sec > kTogetherSec) {
      time_sec = note.onset_sec;
      lowest = note.pitch;
    } else if (later_sec > -kTogetherSec) {
      lowest = std::min(lowest, note.pitch);
    }
  }
  return lowest < 0 ? -1 : lowest % 12;
}

// Sharps of a major key by its tonic, from -5 to 6.
int fifths_of(int pitch_class) {
  const int fifths = pitch_class * 7 % 12;
  return fifths > 6 ? fifths - 12 : fifths;
}

}  // namespace

std::string KeySignature::tonic() const {
  constexpr std::array<const char*, 16> kNames = {"Gb", "Db", "Ab", "Eb", "Bb", "F",  "C",  "G",
                                                  "D",  "A",  "E",  "B",  "F#", "C#", "G#", "D#"};
  return kNames.at(static_cast<std::size_t>(fifths + 6 + (minor ? 3 : 0)));
}

KeySignature find_key(std::span<const Note> notes) {
  Profile12 sounding{};
  for (const Note& note : notes) {
    if (note.is_drum) continue;
    sounding[static_cast<std::size_t>(note.pitch) % 12] += std::clamp(note.offset_sec - note.onset_sec, 0.05, 2.0);
  }
  const int first = outer_bass(notes, false), last = outer_bass(notes, true);
  KeySignature best;
  double best_score = 0;
  for (const bool minor : {false, true}) {
    for (int tonic = 0; tonic < 12; ++tonic) {
      const double fit = correlation(sounding, minor ? kMinor : kMajor, tonic);
      const double score = fit + (tonic == first ? kFirstBass : 0) + (tonic == last ? kLastBass : 0);
      if (fit <= 0 || score <= best_score + 1e-9) continue;
      best_score = score;
      best = {fifths_of(minor ? (tonic + 3) % 12 : tonic), minor};
    }
  }
  return best;
}

}  // namespace yourmt3
