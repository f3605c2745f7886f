#pragma once

#include <string_view>

namespace yourmt3 {

/// The text, if it is JSON whose lists and objects are nested at most 64 deep; for a parser. Whatever copies, compares
/// or writes parsed JSON calls itself for every level, so that a deep text of a stranger would end the program. Throws
/// Error(kMalformed). Other faults are left to the parser.
std::string_view shallow_json(std::string_view text);

}  // namespace yourmt3
