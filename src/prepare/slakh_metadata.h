#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// A stem as `metadata.yaml` of a Slakh track has it.
struct SlakhStem {
  std::string id;          ///< "S00".
  int program = 0;         ///< 0-127, or kDrumProgram.
  std::string plugin;      ///< What played it; "None" or empty where nothing did.
  bool has_audio = false;  ///< Said to have been rendered.
  bool has_midi = false;   ///< Said to have been saved.

  bool is_drum() const;
};

/// The stems in the text of a metadata.yaml, sorted by id. `name` stands for the text in messages. Throws
/// Error(kMalformed) for what is none, with the line where it is known.
std::vector<SlakhStem> parse_slakh_metadata(std::string_view text, std::string_view name);

}  // namespace yourmt3
