#include "experiment/note_errors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>

namespace yourmt3 {
namespace {

constexpr std::array<const char*, kNoteOutcomes> kNames = {"correct",    "wrong instrument", "moved",    "octave",
                                                           "near pitch", "missed",           "repeated", "invented"};
constexpr double kToleranceSec = 0.05, kMovedSec = 0.2;

struct Pair {
  double distance_sec;
  std::size_t reference, estimate;
};

class Matcher {
 public:
  Matcher(std::span<const Note> reference, std::span<const Note> estimate)
      : reference_(reference),
        estimate_(estimate),
        outcomes_(reference.size(), NoteOutcome::kMissed),
        estimate_free_(estimate.size(), true) {
    for (std::size_t i = 0; i < estimate.size(); ++i) order_.push_back(i);
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return estimate[a].onset_sec < estimate[b].onset_sec; });
  }

  /// Pairs free notes that `fits` accepts, the closest first.
  void pair_up(NoteOutcome outcome, double most_sec, const std::function<bool(const Note&, const Note&)>& fits) {
    std::vector<Pair> pairs;
    for (std::size_t r = 0; r < reference_.size(); ++r) {
      if (outcomes_[r] != NoteOutcome::kMissed) continue;
      const double onset = reference_[r].onset_sec;
      auto at = std::lower_bound(order_.begin(), order_.end(), onset - most_sec,
                                 [&](std::size_t e, double sec) { return estimate_[e].onset_sec < sec; });
      for (; at != order_.end() && estimate_[*at].onset_sec <= onset + most_sec; ++at) {
        if (estimate_free_[*at] && reference_[r].is_drum == estimate_[*at].is_drum &&
            fits(reference_[r], estimate_[*at])) {
          pairs.push_back({std::abs(estimate_[*at].onset_sec - onset), r, *at});
        }
      }
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const Pair& a, const Pair& b) { return a.distance_sec < b.distance_sec; });
    for (const Pair& pair : pairs) {
      if (outcomes_[pair.reference] != NoteOutcome::kMissed || !estimate_free_[pair.estimate]) continue;
      outcomes_[pair.reference] = outcome;
      estimate_free_[pair.estimate] = false;
    }
  }

  /// Of each note of the reference.
  const std::vector<NoteOutcome>& outcomes() const { return outcomes_; }

  /// Of the free notes of the estimate: those within a note of the reference of their pitch, and the others.
  std::pair<long, long> repeated_and_invented() const {
    long repeated = 0, invented = 0;
    for (std::size_t e = 0; e < estimate_.size(); ++e) {
      if (!estimate_free_[e]) continue;
      const Note& note = estimate_[e];
      const bool within = std::any_of(reference_.begin(), reference_.end(), [&](const Note& other) {
        return other.pitch == note.pitch && other.is_drum == note.is_drum && other.onset_sec < note.onset_sec &&
               note.onset_sec < std::max(other.offset_sec, other.onset_sec + kMovedSec);
      });
      ++(within ? repeated : invented);
    }
    return {repeated, invented};
  }

 private:
  std::span<const Note> reference_, estimate_;
  std::vector<NoteOutcome> outcomes_;
  std::vector<bool> estimate_free_;
  std::vector<std::size_t> order_;  // Of the estimate, by onset.
};

}  // namespace

const char* name_of(NoteOutcome outcome) {
  return kNames[static_cast<std::size_t>(outcome)];
}

NoteErrors& NoteErrors::operator+=(const NoteErrors& other) {
  for (int i = 0; i < kNoteOutcomes; ++i) counts[i] += other.counts[i];
  return *this;
}

long NoteErrors::n_reference() const {
  long all = 0;
  for (int i = 0; i <= static_cast<int>(NoteOutcome::kMissed); ++i) all += counts[i];
  return all;
}

double NoteErrors::rate(NoteOutcome outcome) const {
  const long all = n_reference();
  return all > 0 ? static_cast<double>((*this)[outcome]) / static_cast<double>(all) : 0;
}

double NoteErrors::found() const {
  const long all = n_reference();
  if (all == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>((*this)[NoteOutcome::kCorrect] + (*this)[NoteOutcome::kWrongInstrument]) /
         static_cast<double>(all);
}

NoteOutcomes count_outcomes(std::span<const Note> reference, std::span<const Note> estimate,
                            const ProgramVocabulary& classes) {
  const auto same_class = [&](const Note& a, const Note& b) {
    const int of_a = classes.class_of(a.program);
    return a.is_drum || (of_a >= 0 ? of_a == classes.class_of(b.program) : a.program == b.program);
  };
  const auto same_pitch = [](const Note& a, const Note& b) { return a.pitch == b.pitch; };
  const auto apart = [](const Note& a, const Note& b) { return a.is_drum ? 0 : std::abs(a.pitch - b.pitch); };

  Matcher matcher(reference, estimate);
  matcher.pair_up(NoteOutcome::kCorrect, kToleranceSec,
                  [&](const Note& a, const Note& b) { return same_pitch(a, b) && same_class(a, b); });
  matcher.pair_up(NoteOutcome::kWrongInstrument, kToleranceSec, same_pitch);
  matcher.pair_up(NoteOutcome::kMoved, kMovedSec, same_pitch);
  matcher.pair_up(NoteOutcome::kOctave, kToleranceSec, [&](const Note& a, const Note& b) {
    const int distance = apart(a, b);
    return distance == 12 || distance == 19 || distance == 24;
  });
  matcher.pair_up(NoteOutcome::kNearPitch, kToleranceSec,
                  [&](const Note& a, const Note& b) { return apart(a, b) == 1 || apart(a, b) == 2; });

  NoteOutcomes outcomes;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const Note& note = reference[i];
    const int outcome = static_cast<int>(matcher.outcomes()[i]);
    ++outcomes.all.counts[outcome];
    ++outcomes.by_class[note.is_drum ? "Drums" : classes.instrument_name(note.program)].counts[outcome];
  }
  const auto [repeated, invented] = matcher.repeated_and_invented();
  outcomes.all.counts[static_cast<int>(NoteOutcome::kRepeated)] = repeated;
  outcomes.all.counts[static_cast<int>(NoteOutcome::kInvented)] = invented;
  return outcomes;
}

}  // namespace yourmt3
