#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yourmt3 {

/// All files below a folder, sorted by path. Folders that are links are entered as well, and no folder twice.
///
/// Left out are names that begin with a dot, and prepared data sets, which may lie in the folder that they were made
/// of. A remark tells of these, of links to nothing and of folders that cannot be read.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder, std::vector<std::string>& remarks);

}  // namespace yourmt3
