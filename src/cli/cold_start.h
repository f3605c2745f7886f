#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yourmt3::cli {

/// Seconds from the start of a process to the end of its work.
struct ColdStart {
  double best_sec = 0, median_sec = 0;
};

/// Starts this program several times to transcribe ten seconds of tones: from nothing to the first notes, which are
/// written when all are known. `arguments` follow those that name the files. Throws Error(kIo) when it does not
/// succeed.
ColdStart measure_cold_start(const std::filesystem::path& model, const std::vector<std::string>& arguments);

}  // namespace yourmt3::cli
