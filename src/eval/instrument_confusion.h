#pragma once

#include <span>
#include <string>
#include <vector>

#include "eval/note_pairing.h"
#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Which instrument the notes with the right pitch and onset were given to. Rows are instruments of the reference,
/// columns those of the estimate, in the order of the classes with "other" (programs of no class) last.
struct InstrumentConfusion {
  std::vector<std::string> names;
  std::vector<std::vector<long>> n_notes;  ///< n_notes[row][column]; square.
  std::vector<long> n_missed;              ///< Reference notes of the row that are in no pair.
  std::vector<long> n_invented;            ///< Estimated notes of the column that are in no pair.

  long n_paired() const;
  long n_right() const;  ///< On the diagonal.
  /// Part of the paired notes that have another instrument; NaN without pairs.
  double wrong_share() const;
  /// Both must be of the same classes, or one of them empty.
  InstrumentConfusion& operator+=(const InstrumentConfusion& other);
};

/// `pairs` as pair_notes() gives them for the same notes and classes. A pair of two different programs of no class is
/// on the diagonal, as "other".
InstrumentConfusion confuse_instruments(std::span<const Note> reference, std::span<const Note> estimate,
                                        std::span<const NotePair> pairs, const ProgramVocabulary& classes);

}  // namespace yourmt3
