#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// Where a data set begins: `source`, or the one folder in it, that has `marker`, a path inside. An archive is often
/// unpacked into a folder of its own. Empty when there is none or more than one.
std::filesystem::path source_folder(const std::filesystem::path& source, std::string_view marker);

/// The files of a folder whose names end in `extension` (".txt"), sorted by name; none where there is no such folder.
/// Names that begin with a dot are left out.
std::vector<std::filesystem::path> files_with_extension(const std::filesystem::path& folder,
                                                        std::string_view extension);

/// Numbers as people write them, for remarks: "1-4, 7, 9-10"; `numbers` ascend.
std::string number_ranges(const std::vector<int>& numbers);

}  // namespace yourmt3
