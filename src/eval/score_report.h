#pragma once

#include <span>
#include <string>
#include <vector>

#include "score/drum_groups.h"
#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// One score with its counts: notes, or pitches in frames of 62.5 ms.
struct ScoreLine {
  long n_reference = 0;
  long n_estimate = 0;
  long n_matched = 0;

  bool empty() const { return n_reference == 0 && n_estimate == 0; }
  double precision() const;  ///< Of what was estimated, the part that is right; 0 without an estimate.
  double recall() const;     ///< Of what there is, the part that was found; 0 without a reference.
  double f1() const;         ///< 2 matched / (reference + estimate); NaN when both sides are empty.

  ScoreLine& operator+=(const ScoreLine& other);
  friend bool operator==(const ScoreLine&, const ScoreLine&) = default;
};

/// One instrument class, or "Drums".
struct InstrumentScore {
  std::string name;
  ScoreLine onset;
  ScoreLine onset_offset;  ///< Drums have no ends: the same as onset.
};

/// What scores by instrument and by drum go by.
struct ScoreReportOptions {
  double onset_tolerance_sec = 0.05;
  const ProgramVocabulary* classes = nullptr;  ///< A class_set(); null: GM_INSTR_CLASS_PLUS.
  const DrumVocabulary* drums = nullptr;       ///< Null: gm, of 19 classes.

  const ProgramVocabulary& class_vocabulary() const;
  const DrumVocabulary& drums_vocabulary() const;
};

/// How well an estimate agrees with a reference; docs/evaluation.md says exactly what each line counts.
struct ScoreReport {
  ScoreLine onset;           ///< Pitched notes of any program: pitch, and onset within 50 ms.
  ScoreLine onset_offset;    ///< The same, and offset within 50 ms or a fifth of the note.
  ScoreLine frame;           ///< Pitches in frames.
  ScoreLine drum_onset;      ///< Drums by the classes of the options.
  ScoreLine drum_onset_ksh;  ///< Kick, snare and hi-hat only, as in the papers' tables.
  ScoreLine multi;           ///< As onset_offset, and the instrument's class must agree; drums by onset.
  ScoreLine multi_onset;     ///< As onset, and the instrument's class must agree; drums too.
  std::vector<InstrumentScore> instruments;  ///< Classes that have notes on either side, drums last.
  long n_reference_unclassed = 0;            ///< Pitched notes of programs in no class: they count in no multi line.
  long n_estimate_unclassed = 0;
  double onset_tolerance_sec = 0.05;
};

/// Notes without an onset are left out and notes without length get the shortest one, as validate_notes() does.
/// Throws Error(kInvalidArgument) for negative times and for notes after more than a day.
ScoreReport score_notes(std::span<const Note> reference, std::span<const Note> estimate,
                        const ScoreReportOptions& options = {});
ScoreReport score_notes(std::span<const Note> reference, std::span<const Note> estimate, double onset_tolerance_sec);

/// One flat JSON object: onset_f1, onset_precision, onset_recall, onset_reference, onset_estimate, onset_matched, the
/// same for onset_offset, frame, drum_onset, drum_onset_ksh, multi and multi_onset, and "instruments". An F1 of NaN is
/// null.
std::string to_json(const ScoreReport& report);

}  // namespace yourmt3
