#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// Programs that are treated as one instrument.
struct ProgramClass {
  std::string name;
  std::vector<int> programs;  ///< Not empty; the first one stands for all.

  int representative() const { return programs.front(); }
};

/// A way to group programs into instruments. Programs may be in no class.
class ProgramVocabulary {
 public:
  ProgramVocabulary(std::string name, std::vector<ProgramClass> classes);

  const std::string& name() const { return name_; }
  std::span<const ProgramClass> classes() const { return classes_; }

  /// Index into classes(), -1 for a program of no class.
  int class_of(int program) const;

  /// First program of the class, or `program` itself when it is in no class.
  int representative(int program) const;

  /// "Drums" for kDrumProgram, the name of the class, or "Prg. N".
  std::string instrument_name(int program) const;

 private:
  std::string name_;
  std::vector<ProgramClass> classes_;
  std::array<int, 128> class_of_{};
};

/// One of the grouping tables: gm, gm_plus, gm_ext_plus, gm_full, mt3_midi, mt3_midi_plus, mt3_full, mt3_full_plus.
/// Throws Error(kNotFound) with the known names.
const ProgramVocabulary& program_vocabulary(std::string_view name);
std::span<const std::string_view> program_vocabulary_names();

/// Decoder channel of the 13-channel tasks: the classes of gm_plus in order, then drums; -1 when there is none.
int channel_of_13(int program);

/// Gives pitched notes the representative of their class; the order stays.
std::vector<Note> to_representatives(std::span<const Note> notes, const ProgramVocabulary& vocabulary);

}  // namespace yourmt3
