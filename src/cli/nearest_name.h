#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3::cli {

/// Letters to insert, remove, replace or swap with their neighbour to make `b` of `a`.
int edit_distance(std::string_view a, std::string_view b);

/// The name most like `word`; none when even the best differs in more than a third of its letters (at least two).
std::optional<std::string> nearest_name(std::string_view word, const std::vector<std::string>& names);

}  // namespace yourmt3::cli
