#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// A note as the matching sees it.
struct SoundingPitch {
  double onset_sec = 0;
  double offset_sec = 0;    ///< Later than onset_sec.
  double frequency_hz = 0;  ///< Positive.
};

/// How far an estimated note may be from a reference note. The defaults are those of mir_eval and of the papers.
struct MatchOptions {
  double onset_tolerance_sec = 0.05;
  double pitch_tolerance_cents = 50;
  std::optional<double> offset_ratio = 0.2;  ///< Of the reference note's length; without it ends do not matter.
  double offset_min_tolerance_sec = 0.05;
  bool strict = false;  ///< Less than the tolerance instead of at most.
};

/// Precision, recall and F of a matching.
struct MatchScore {
  int n_reference = 0;
  int n_estimate = 0;
  int n_matched = 0;

  double precision() const { return n_estimate == 0 ? 0 : static_cast<double>(n_matched) / n_estimate; }
  double recall() const { return n_reference == 0 ? 0 : static_cast<double>(n_matched) / n_reference; }
  double f1() const;  ///< 0 when nothing matches.

  MatchScore& operator+=(const MatchScore& other);
  friend bool operator==(const MatchScore&, const MatchScore&) = default;
};

double midi_to_hz(double pitch);

/// The notes with their pitches in Hz.
std::vector<SoundingPitch> to_sounding(std::span<const Note> notes);

// Each of the following finds a largest matching of reference and estimate, in which each note is used at most once.
// They throw Error(kInvalidArgument) for negative times, ends that are not after their beginnings, and frequencies that
// are not positive, unless one side is empty. Of several largest matchings it is the one that mir_eval finds for notes
// in the same order.

/// Pairs (reference, estimate) that agree in onset, pitch and, with an offset ratio, offset.
std::vector<std::pair<int, int>> match_notes(std::span<const SoundingPitch> reference,
                                             std::span<const SoundingPitch> estimate, const MatchOptions& options = {});

/// Mean over the pairs of the time for which both notes sound over the time from the earlier onset to the later offset;
/// negative for notes that do not meet, 0 without pairs.
/// Source: mir_eval.transcription.average_overlap_ratio.
double average_overlap_ratio(std::span<const SoundingPitch> reference, std::span<const SoundingPitch> estimate,
                             std::span<const std::pair<int, int>> pairs);

/// match_notes(), counted.
MatchScore score_matches(std::span<const Note> reference, std::span<const Note> estimate,
                         const MatchOptions& options = {});

/// Onsets alone, whatever the pitch.
MatchScore score_onset_times(std::span<const SoundingPitch> reference, std::span<const SoundingPitch> estimate,
                             const MatchOptions& options = {});

/// Offsets alone, whatever the pitch; needs an offset ratio.
MatchScore score_offset_times(std::span<const SoundingPitch> reference, std::span<const SoundingPitch> estimate,
                              const MatchOptions& options = {});

}  // namespace yourmt3
