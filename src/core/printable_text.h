#pragma once

#include <string>
#include <string_view>

namespace yourmt3 {

/// The text with a question mark for each byte that is no UTF-8 or a control character. Names of files may be any
/// bytes.
std::string printable_text(std::string_view text);

}  // namespace yourmt3
