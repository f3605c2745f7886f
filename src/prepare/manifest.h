#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prepare/data_set.h"

namespace yourmt3 {

/// Name of the file in the folder of a prepared data set.
inline constexpr const char* kManifestName = "prepared.json";

/// What a prepared data set is and how it was made.
struct Manifest {
  struct Skipped {
    std::string id;  ///< Of the item.
    std::string reason;

    friend bool operator==(const Skipped&, const Skipped&) = default;
  };
  std::string data_set;  ///< Name on the command line.
  std::string title;
  std::string licence;
  std::string program_version;  ///< Of the program that wrote it.
  std::string source;           ///< The folder that was read.
  DataSetOptions options;
  bool complete = false;  ///< The run reached its end; an index is there.
  std::size_t items = 0;  ///< Found in the source.
  std::size_t kept = 0;   ///< Of these, taken from an earlier run.
  std::size_t tracks = 0;
  std::vector<Skipped> skipped;
  std::vector<std::string> remarks;  ///< Those of items begin with the item's id.
};

/// The text of prepared.json, and back. Throws std::exception for what is none.
std::string manifest_text(const Manifest& manifest);
Manifest parse_manifest(std::string_view text);

/// That of the folder; none without the file. Throws Error(kMalformed), Error(kIo).
std::optional<Manifest> read_manifest(const std::filesystem::path& folder);

}  // namespace yourmt3
