#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

std::string with_commas(std::span<const std::string> words);

/// The instruments that a field of a form lists with commas. Throws HttpError(400), which tells all names, for one that
/// is none.
std::vector<std::string> instruments_listed(std::string_view field, std::string_view list);

}  // namespace yourmt3
