#pragma once

#include <filesystem>
#include <vector>

namespace yourmt3 {

/// The folders in a folder, sorted by name; none where there is no such folder. Names that begin with a dot are left
/// out.
std::vector<std::filesystem::path> visible_folders(const std::filesystem::path& folder);

}  // namespace yourmt3
