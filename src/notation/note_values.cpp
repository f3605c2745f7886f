#include "notation/note_values.h"

#include <algorithm>
#include <array>

#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr int kQuarter = kQuarterDivisions;
constexpr int kTriplet16th = kQuarter / 6;

NoteValue value_of(int divisions, bool triplet) {
  for (int level = 0; level <= 5; ++level) {
    for (const bool dotted : {false, true}) {
      const NoteValue value{level, dotted, triplet};
      if (value.divisions() == divisions) return value;
    }
  }
  YOURMT3_ASSERT(false);
  return {};
}

/// The longest value that may begin at a place; steps through a stretch.
class Cutter {
 public:
  Cutter(const Metre& metre, const std::vector<bool>& thirds, bool rest)
      : metre_(metre), beat_(metre.compound ? kQuarter * 3 / 2 : kQuarter), thirds_(thirds), rest_(rest) {}

  ValuedStretch take(Stretch stretch) const {
    const int beat = stretch.begin / beat_;
    const int phase = stretch.begin % beat_;
    int end = stretch.end;
    // A triplet cannot be entered from outside.
    if (in_triplet(end) && end / beat_ > beat) end = end / beat_ * beat_;
    const bool triplet = thirds_[static_cast<std::size_t>(beat)] && (phase != 0 || end < (beat + 1) * beat_);
    if (is_syncopated_quarter({stretch.begin, end})) return {{stretch.begin, end}, value_of(kQuarter, false)};
    if (phase != 0) end = std::min(end, (beat + 1) * beat_);
    const int left = end - stretch.begin;
    const int length = triplet      ? longest_of_triplet(phase, left)
                       : phase == 0 ? longest_on_beat(beat, left)
                                    : longest_inside(phase, left);
    return {{stretch.begin, stretch.begin + length}, value_of(length, triplet)};
  }

 private:
  bool in_triplet(int at) const { return at % beat_ != 0 && thirds_[static_cast<std::size_t>(at / beat_)]; }

  bool is_syncopated_quarter(Stretch stretch) const {
    if (metre_.compound || rest_ || stretch.begin % kQuarter != kQuarter / 2) return false;
    if (stretch.end - stretch.begin != kQuarter) return false;
    const int beat = stretch.begin / kQuarter;
    return !thirds_[static_cast<std::size_t>(beat)] && !(metre_.beats_per_bar == 4 && beat == 1);
  }

  int longest_on_beat(int beat, int left) const {
    if (metre_.compound) {
      if (left >= 2 * beat_ && (!rest_ || beat % 2 == 0)) return 2 * beat_;
      return left >= beat_ ? beat_ : longest_inside(0, left);
    }
    if (rest_) {
      if (left >= 2 * kQuarter && beat % 2 == 0 && metre_.beats_per_bar == 4) return 2 * kQuarter;
      return left >= kQuarter ? kQuarter : longest_inside(0, left);
    }
    for (const int beats : {4, 3, 2}) {
      if (left >= beats * kQuarter) return beats * kQuarter;
    }
    if (left == kQuarter * 3 / 2) return left;
    return left >= kQuarter ? kQuarter : longest_inside(0, left);
  }

  /// Within a beat.
  int longest_inside(int phase, int left) const {
    constexpr int kEighth = kQuarter / 2, k16th = kQuarter / 4, k32nd = kQuarter / 8;
    if (metre_.compound && left >= kQuarter && phase % kEighth == 0 && !rest_) return kQuarter;
    if (left >= kEighth + k16th && !rest_ && (phase % (kEighth + k16th) == 0 || phase == k16th)) return kEighth + k16th;
    if (left >= kEighth && phase % (rest_ ? kEighth : k16th) == 0) return kEighth;
    if (left >= k16th + k32nd && !rest_ && phase % (k16th + k32nd) == 0) return k16th + k32nd;
    return left >= k16th && phase % k16th == 0 ? k16th : k32nd;
  }

  static int longest_of_triplet(int phase, int left) {
    for (const int sixteenths : {4, 2}) {
      if (left >= sixteenths * kTriplet16th && phase % (2 * kTriplet16th) == 0) return sixteenths * kTriplet16th;
    }
    return kTriplet16th;
  }

  const Metre& metre_;
  int beat_;
  const std::vector<bool>& thirds_;
  bool rest_;
};

}  // namespace

int NoteValue::divisions() const {
  const int whole = 4 * kQuarterDivisions;
  // In halves, since a dotted 32nd has no whole number of divisions.
  int halves = 2 * whole >> level;
  if (dotted) halves = halves * 3 / 2;
  if (triplet) halves = halves * 2 / 3;
  return halves / 2;
}

std::vector<ValuedStretch> cut_into_values(Stretch stretch, const Metre& metre, const std::vector<bool>& thirds,
                                           bool rest) {
  const Cutter cutter(metre, thirds, rest);
  std::vector<ValuedStretch> cut;
  while (stretch.begin < stretch.end) {
    cut.push_back(cutter.take(stretch));
    stretch.begin = cut.back().stretch.end;
  }
  return cut;
}

}  // namespace yourmt3
