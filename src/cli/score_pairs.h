#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yourmt3::cli {

/// Two files that are compared.
struct ScorePair {
  std::string name;  ///< Path below the folders, without extension; of two files that of the estimate.
  std::filesystem::path reference;
  std::filesystem::path estimate;
};

struct ScorePairs {
  bool of_folders = false;
  std::vector<ScorePair> pairs;       ///< By name.
  std::vector<std::string> problems;  ///< Files without a partner, one sentence each.
};

/// Two files are one pair. Two folders are searched with their subfolders for MIDI, JSON and CSV files, which belong
/// together when their paths agree without the extension; of several with one name MIDI is taken before JSON and CSV.
/// Throws UsageError for a file and a folder, and Error(kNotFound) when a folder and nothing is named, or no folder has
/// a file.
ScorePairs find_score_pairs(const std::filesystem::path& reference, const std::filesystem::path& estimate);

}  // namespace yourmt3::cli
