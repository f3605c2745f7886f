#pragma once

#include <vector>

#include "data/composer.h"
#include "data/random.h"

namespace yourmt3 {

/// A hit of the drum kit in a bar; beats count from the start of the bar.
struct DrumHit {
  double beat = 0;
  int key = 36;
  int velocity = 90;
};

/// A drummer who keeps one groove for a section and breaks it with fills.
class DrumGroove {
 public:
  /// `beats_per_bar` is 3 or 4.
  DrumGroove(Style style, int beats_per_bar, Random& random);

  /// One bar, with small variations. `fill` ends it with a run over the toms, `crash` begins it with a cymbal.
  std::vector<DrumHit> bar(Random& random, bool fill, bool crash) const;

 private:
  struct Layer {
    int key;
    std::vector<double> chance;  ///< Of a hit on each sixteenth.
    int loudness;                ///< Velocity of an accented hit.
    std::vector<bool> accent;
  };
  int beats_;
  std::vector<Layer> layers_;
  std::vector<int> fill_keys_;
  int crash_key_ = 49;
};

}  // namespace yourmt3
