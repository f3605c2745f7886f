#pragma once

#include <optional>
#include <span>
#include <string>

#include "eval/bootstrap.h"
#include "eval/instrument_confusion.h"
#include "eval/instrument_detection.h"
#include "eval/pitch_errors.h"
#include "eval/score_blocks.h"
#include "eval/score_report.h"
#include "eval/timing_errors.h"
#include "eval/velocity_scores.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// What is wrong with an estimate, beside how much of it is right (ScoreReport). docs/evaluation.md explains the parts.
struct NoteAnalysis {
  InstrumentDetection programs;            ///< Every program is an instrument.
  InstrumentDetection classes;             ///< Every instrument class is one.
  std::optional<VelocityScores> velocity;  ///< None where either side's velocities do not vary.
  TimingErrors timing;
  PitchErrors pitches;
  InstrumentConfusion confusion;
  /// What intervals are drawn from: stretches of one recording; of several, each recording as a whole, because its
  /// stretches are more like each other than like those of others.
  ScoreBlocks blocks;
  int n_recordings = 0;  ///< That were pooled.

  /// Pools with other recordings, analysed with the same classes.
  NoteAnalysis& operator+=(const NoteAnalysis& other);
};

/// Pitched notes of both sides are paired by pair_notes(); drums count for detection and blocks. Notes are made ready
/// by scorable_notes(). Throws Error(kInvalidArgument) for negative times and for notes after more than a day.
NoteAnalysis analyse_notes(std::span<const Note> reference, std::span<const Note> estimate,
                           const ScoreReportOptions& options = {}, double block_sec = 10);

/// One JSON object: "programs", "classes", "velocity" (null where there is none), "timing", "wrong_notes", "confusion",
/// and "intervals", percentile intervals of the F1 of each line over resampled blocks, with "recordings" and "units",
/// the number of blocks. NaN is null.
std::string to_json(const NoteAnalysis& analysis, const BootstrapOptions& options = {});

}  // namespace yourmt3
