#pragma once

#include <string>

namespace yourmt3 {

/// Letters of ASCII in lower case, all else as it is.
std::string lower_case(std::string text);

}  // namespace yourmt3
