#pragma once

#include <span>
#include <vector>

#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Indices of a reference note and of the estimated one that stands for it.
struct NotePair {
  int reference = 0;
  int estimate = 0;
  bool same_instrument = true;  ///< Of one class, or of one program in no class.
};

/// Who stands for whom, to ask what is wrong with the rest: pitched notes with the same pitch and onsets within the
/// tolerance. First a largest matching within each instrument, as for scores by instrument, so that unisons are not
/// taken for confusions; then, of the notes left over, a largest one whatever the instrument. Pairs come in the order
/// of the reference. Throws Error(kInvalidArgument) as match_notes() does.
std::vector<NotePair> pair_notes(std::span<const Note> reference, std::span<const Note> estimate,
                                 const ProgramVocabulary& classes, double onset_tolerance_sec = 0.05);

}  // namespace yourmt3
