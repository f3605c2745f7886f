#include "eval/pitch_errors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

namespace yourmt3 {

namespace {

// As in match_notes(): distances are rounded to 0.1 ms.
double rounded(double seconds) {
  return std::nearbyint(seconds * 1e4) / 1e4;
}
constexpr double kRoundingSec = 1e-4;

WrongNote kind_of(int interval) {
  switch (interval) {
    case 0:
      return WrongNote::kRepeated;
    case 1:
    case -1:
      return WrongNote::kSemitone;
    case 12:
      return WrongNote::kOctaveAbove;
    case -12:
      return WrongNote::kOctaveBelow;
    case 19:
    case -19:
      return WrongNote::kTwelfth;
    case 24:
    case -24:
      return WrongNote::kTwoOctaves;
    case 7:
    case -7:
      return WrongNote::kFifth;
    default:
      return WrongNote::kOtherPitch;
  }
}

// Pitched reference notes by onset, with what one asks of them.
class ReferenceNotes {
 public:
  ReferenceNotes(std::span<const Note> notes, std::span<const NotePair> pairs, double tolerance_sec)
      : notes_(notes), found_(notes.size()), tolerance_sec_(tolerance_sec) {
    for (const NotePair& pair : pairs) found_[static_cast<std::size_t>(pair.reference)] = true;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      if (!notes[i].is_drum) by_onset_.push_back(i);
    }
    std::stable_sort(by_onset_.begin(), by_onset_.end(),
                     [&](std::size_t a, std::size_t b) { return notes[a].onset_sec < notes[b].onset_sec; });
    for (std::size_t i = 0; i < by_onset_.size(); ++i) {
      by_pitch_[pitch_index(notes[by_onset_[i]])].push_back(by_onset_[i]);
    }
  }

  bool found(std::size_t i) const { return found_[i]; }

  template <class Visit>
  void visit_with_onset(double onset_sec, const Visit& visit) const {
    const double reach = tolerance_sec_ + kRoundingSec;
    auto it = std::lower_bound(by_onset_.begin(), by_onset_.end(), onset_sec - reach,
                               [&](std::size_t i, double value) { return notes_[i].onset_sec < value; });
    for (; it != by_onset_.end() && notes_[*it].onset_sec <= onset_sec + reach; ++it) {
      if (rounded(std::abs(notes_[*it].onset_sec - onset_sec)) <= tolerance_sec_) visit(*it);
    }
  }

  bool sounds(const Note& note) const {
    const std::vector<std::size_t>& same = by_pitch_[pitch_index(note)];
    return std::any_of(same.begin(), same.end(), [&](std::size_t i) {
      return notes_[i].onset_sec < note.offset_sec && note.onset_sec < notes_[i].offset_sec;
    });
  }

 private:
  static std::size_t pitch_index(const Note& note) { return static_cast<std::size_t>(std::clamp(note.pitch, 0, 127)); }

  std::span<const Note> notes_;
  std::vector<bool> found_;
  double tolerance_sec_;
  std::vector<std::size_t> by_onset_;
  std::array<std::vector<std::size_t>, 128> by_pitch_;
};

}  // namespace

std::span<const std::string_view, kWrongNoteKinds> wrong_note_names() {
  static constexpr std::array<std::string_view, kWrongNoteKinds> kNames{
      "repeated",    "semitone", "octave_above", "octave_below", "twelfth",
      "two_octaves", "fifth",    "other_pitch",  "sounding",     "nothing"};
  return kNames;
}

long PitchErrors::n_false_positives() const {
  return std::accumulate(n_wrong.begin(), n_wrong.end(), 0L);
}

double PitchErrors::share(WrongNote kind) const {
  const long n = n_false_positives();
  if (n == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(n_wrong[static_cast<std::size_t>(kind)]) / static_cast<double>(n);
}

PitchErrors& PitchErrors::operator+=(const PitchErrors& other) {
  for (std::size_t i = 0; i < kWrongNoteKinds; ++i) {
    n_wrong[i] += other.n_wrong[i];
    n_instead[i] += other.n_instead[i];
  }
  n_missed += other.n_missed;
  n_missed_doublings += other.n_missed_doublings;
  return *this;
}

PitchErrors pitch_errors(std::span<const Note> reference, std::span<const Note> estimate,
                         std::span<const NotePair> pairs, double onset_tolerance_sec) {
  const ReferenceNotes notes(reference, pairs, onset_tolerance_sec);
  std::vector<bool> paired(estimate.size());
  for (const NotePair& pair : pairs) paired[static_cast<std::size_t>(pair.estimate)] = true;

  PitchErrors errors;
  for (std::size_t e = 0; e < estimate.size(); ++e) {
    const Note& note = estimate[e];
    if (note.is_drum || paired[e]) continue;
    std::optional<WrongNote> kind;
    bool instead = false;
    notes.visit_with_onset(note.onset_sec, [&](std::size_t r) {
      const WrongNote here = kind_of(note.pitch - reference[r].pitch);
      if (!kind || here < *kind) {
        kind = here;
        instead = false;
      }
      if (here == *kind && !notes.found(r)) instead = true;
    });
    const auto index =
        static_cast<std::size_t>(kind.value_or(notes.sounds(note) ? WrongNote::kSounding : WrongNote::kNothing));
    ++errors.n_wrong[index];
    errors.n_instead[index] += instead ? 1 : 0;
  }

  for (std::size_t r = 0; r < reference.size(); ++r) {
    if (reference[r].is_drum || notes.found(r)) continue;
    ++errors.n_missed;
    bool is_doubling = false;
    notes.visit_with_onset(reference[r].onset_sec, [&](std::size_t other) {
      const int interval = std::abs(reference[r].pitch - reference[other].pitch);
      is_doubling = is_doubling || ((interval == 12 || interval == 24) && notes.found(other));
    });
    errors.n_missed_doublings += is_doubling ? 1 : 0;
  }
  return errors;
}

}  // namespace yourmt3
