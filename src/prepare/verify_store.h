#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/progress.h"

namespace yourmt3 {

/// What is wrong with the files of a store, sorted by file: those that are missing, cut, of another kind or length than
/// told, notes that cannot be read or begin outside their sound (the latter is right in a store made as the reference
/// has it), files that nothing refers to, a run that was not finished. Each entry begins with the name of the file.
/// Sounds are not listened to. Throws Error(kNotFound) when there is no index, Error(kCancelled).
std::vector<std::string> verify_store(const std::filesystem::path& folder, int threads,
                                      const ProgressCallback& progress = {});

}  // namespace yourmt3
