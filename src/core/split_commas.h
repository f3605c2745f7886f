#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// The words between commas; empty ones are left out.
std::vector<std::string> split_commas(std::string_view text);

}  // namespace yourmt3
