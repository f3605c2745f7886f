#pragma once

#include <string>
#include <vector>

namespace yourmt3 {

/// How beats are grouped and divided.
struct Metre {
  int beats_per_bar = 4;
  bool compound = false;  ///< A beat is a dotted quarter, three eighths; otherwise a quarter.

  double quarters_per_beat() const { return compound ? 1.5 : 1.0; }
  int numerator() const { return compound ? 3 * beats_per_bar : beats_per_bar; }
  int denominator() const { return compound ? 8 : 4; }

  friend bool operator==(const Metre&, const Metre&) = default;
};

/// Where the beats of a recording fall and which of them begin bars. Positions in beats count from the first beat;
/// between beats time is linear, and before the first and after the last the tempo stays what it is there.
struct BeatGrid {
  std::vector<double> beat_sec = {};  ///< Strictly ascending; empty, or at least two.
  std::vector<int> downbeats = {};    ///< Indices into beat_sec, ascending; not empty unless beat_sec is.
  Metre metre = {};

  double beat_at(double time_sec) const;
  double sec_at(double beat) const;

  /// Quarters a minute by the median beat; 120 without beats.
  double quarters_per_minute() const;
};

}  // namespace yourmt3
