#pragma once

#include <span>
#include <string_view>

#include "score/program_groups.h"

namespace yourmt3 {

/// Instruments by which an evaluation tells notes apart, such as GM_INSTR_CLASS_PLUS. Unlike a vocabulary for tokens it
/// needs no representatives: a note belongs to the class that has its program. Throws Error(kNotFound) with the names.
const ProgramVocabulary& class_set(std::string_view name);
std::span<const std::string_view> class_set_names();

}  // namespace yourmt3
