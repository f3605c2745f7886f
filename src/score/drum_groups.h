#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// Keys of the drum kit that are treated as one drum.
struct DrumClass {
  std::string name;
  std::vector<int> pitches;  ///< Not empty; the first one stands for all.

  int representative() const { return pitches.front(); }
};

/// A way to group the keys of the drum kit. Keys may be in no class.
class DrumVocabulary {
 public:
  DrumVocabulary(std::string name, std::vector<DrumClass> classes);

  const std::string& name() const { return name_; }
  std::span<const DrumClass> classes() const { return classes_; }

  /// Index into classes(), -1 for a key of no class.
  int class_of(int pitch) const;

  /// First key of the class, or `pitch` itself when it is in no class.
  int representative(int pitch) const;

 private:
  std::string name_;
  std::vector<DrumClass> classes_;
  std::array<int, 128> class_of_{};
};

/// One of the grouping tables: gm (19 drums), egmd, enst, ksh (kick, snare, hi-hat), kshr (ride counts as hi-hat).
/// Throws Error(kNotFound) with the known names.
const DrumVocabulary& drum_vocabulary(std::string_view name);

/// The drum notes that are in a class, with its representative as pitch, sorted as by sort_notes(); others and pitched
/// notes are dropped.
std::vector<Note> reduce_drums(std::span<const Note> notes, const DrumVocabulary& vocabulary);

}  // namespace yourmt3
