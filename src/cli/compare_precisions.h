#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "evaluate/evaluation_set.h"
#include "yourmt3/precision.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {

struct CompareOptions {
  std::vector<Precision> precisions;  ///< At least two; the others are compared with the first.
  std::filesystem::path model;
  std::filesystem::path kept;  ///< Folder of what was heard.
  Transcriber::Decoding decoding;
  int n_threads = 0;  ///< 0: all processors.
  bool json = false;
  bool quiet = false;
};

/// None from no names. Throws UsageError for a single name, one that is no precision, and one that is given twice.
std::vector<Precision> parse_precisions(std::span<const std::string> names);

/// Transcribes the sets in each precision and prints tables, or JSON. Tracks come one after the other, each with all
/// threads, so that times compare. Throws as Transcriber and evaluate_set().
int compare_precisions(std::span<const OpenedSet> sets, const CompareOptions& options);

}  // namespace yourmt3::cli
