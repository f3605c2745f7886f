#pragma once

#include <filesystem>

namespace yourmt3 {

/// Whether a name ends as those of recordings and videos do, in upper or lower case: what AudioReader may read.
bool has_recording_extension(const std::filesystem::path& path);

}  // namespace yourmt3
