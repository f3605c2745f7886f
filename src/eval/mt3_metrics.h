#pragma once

#include <span>

#include "eval/note_matching.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// How much of a program counts: nothing, its group of eight, or all of it.
enum class ProgramDetail { kFlat, kMidiClass, kFull };

/// The scores of MT3, for comparison with papers that report those. Empty sides give 0.
/// Source: Gardner et al. 2022, section 4.2, and the metrics module of its implementation.
struct Mt3Scores {
  MatchScore onset;         ///< Pitched notes, any program.
  MatchScore onset_offset;  ///< The same with ends.
  MatchScore flat;          ///< With programs and drums: onsets and ends, drums by onset and key.
  MatchScore midi_class;
  MatchScore full;
  double frame_precision = 0;  ///< Over frames of 16 ms.
  double frame_recall = 0;
  double frame_f1 = 0;
};

/// Throws Error(kInvalidArgument) for negative times and for pitched notes without length.
Mt3Scores score_as_mt3(std::span<const Note> reference, std::span<const Note> estimate);

/// Separate matchings for every program and kit that occurs on either side, added up.
MatchScore score_with_programs(std::span<const Note> reference, std::span<const Note> estimate, ProgramDetail detail);

}  // namespace yourmt3
