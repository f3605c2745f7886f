#pragma once

#include <set>
#include <string>
#include <vector>

namespace yourmt3::testing {

/// What is wrong with a page: elements that are not closed or closed in the wrong order, attributes without quotes,
/// bare ampersands, ids that are there twice, references to ids that are not there, text outside. Empty when nothing
/// is.
std::vector<std::string> html_problems(const std::string& page);

/// All ids.
std::set<std::string> html_ids(const std::string& page);

}  // namespace yourmt3::testing
