#pragma once

#include <bitset>
#include <span>
#include <string>
#include <vector>

#include "score/task.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// The instruments that may be heard in a recording; no token is chosen that would write another.
class InstrumentMask {
 public:
  /// Every instrument.
  InstrumentMask() { programs_.set(); }
  /// Those named by `only` (empty: every one) and not by `without`; names as find_instrument() knows them. Throws
  /// Error(kNotFound) for an unknown name, Error(kInvalidArgument) when nothing is left.
  InstrumentMask(std::span<const std::string> only, std::span<const std::string> without);

  /// kDrumProgram for drums.
  bool allows(int program) const { return programs_.test(static_cast<std::size_t>(program)); }
  bool allows_all() const { return programs_.all(); }

 private:
  std::bitset<kDrumProgram + 1> programs_;
};

/// Throws Error(kInvalidArgument) for an instrument that networks of this task do not write, perhaps because they have
/// one token for its whole family.
void require_told_apart(std::span<const std::string> names, const Task& task);

}  // namespace yourmt3
