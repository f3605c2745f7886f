#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "prepare/manifest.h"

namespace yourmt3 {

/// What is in a store, counted.
struct StoreSummary {
  struct Group {
    std::size_t tracks = 0;
    double seconds = 0;
  };
  std::optional<Manifest> manifest;   ///< Of stores that were prepared from a data set.
  std::vector<std::string> licences;  ///< Of the tracks, each once, sorted.
  std::size_t tracks = 0;
  double seconds = 0;  ///< Of recordings; one that several tracks share counts once.
  std::size_t notes = 0;
  std::map<int, std::size_t> notes_of_program;
  std::map<std::string, Group> splits;
  std::map<std::string, Group> lists;
};

/// Reads index, manifest and notes, no sound. Throws Error as Store does.
StoreSummary summarize_store(const std::filesystem::path& folder);

/// The summary as one JSON object, see docs/formats.md.
std::string summary_json(const StoreSummary& summary);

/// The same for people, in lines; empty lines between parts.
std::string summary_text(const StoreSummary& summary);

}  // namespace yourmt3
