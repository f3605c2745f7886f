#pragma once

#include <span>

#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Which instruments play, whatever they play: how many each side has, and how many they share.
/// Source: Tan et al. 2024 (MR-MT3, arXiv 2403.10024), "instrument leakage ratio" and "instrument detection F1", and
/// scripts/instrument_leakage of its repository, where a file's instruments are the set of its programs. Here the drum
/// kit is an instrument of its own, which there is the program of its track, and empty sides score 0 instead of
/// failing.
struct InstrumentDetection {
  int n_reference = 0;
  int n_estimate = 0;
  int n_matched = 0;

  double precision() const;  ///< 0 without an estimate.
  double recall() const;     ///< 0 without a reference.
  double f1() const;         ///< NaN when both sides are empty.

  /// Instruments estimated for each one there is: above 1 where parts are spread over several instruments. NaN without
  /// a reference.
  double leakage_ratio() const;

  InstrumentDetection& operator+=(const InstrumentDetection& other);
  friend bool operator==(const InstrumentDetection&, const InstrumentDetection&) = default;
};

/// Instruments are the classes of `classes`, and the programs of no class one by one; null: all programs one by one.
InstrumentDetection detect_instruments(std::span<const Note> reference, std::span<const Note> estimate,
                                       const ProgramVocabulary* classes = nullptr);

/// Of a set, means over files as the source gives them: of the F1s and leakage ratios that are numbers; NaN when none
/// is.
struct DetectionMeans {
  double f1 = 0;
  double leakage_ratio = 0;
};
DetectionMeans mean_detection(std::span<const InstrumentDetection> files);

}  // namespace yourmt3
