#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// Something a user may ask for by name: a family such as "strings", or one of its members such as "violin".
struct Instrument {
  std::string name;           ///< Lower case with hyphens.
  std::string family;         ///< Name of its family; its own when it is one.
  std::vector<int> programs;  ///< kDrumProgram for drums.
};

/// All names, each family before its members.
std::span<const Instrument> instruments();

/// Throws Error(kNotFound) for an unknown name. "vocals" and "voice" mean "singing-voice".
const Instrument& find_instrument(std::string_view name);

/// The notes whose program belongs to one of the instruments, in their order.
std::vector<Note> select_instruments(std::span<const Note> notes, std::span<const Instrument* const> wanted);

}  // namespace yourmt3
