#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/gus_patch.h"

namespace yourmt3 {

/// A patch as a map names it. Drums are at the pitch of their root and keep neither loop nor envelope, unless told.
struct GusPatchUse {
  std::string file;
  std::optional<double> amplitude;  ///< Factor of its samples; none: whatever makes the loudest of them full.
  std::optional<double> pan;        ///< -1 left to 1 right, instead of what the samples say.
  std::optional<int> note;          ///< The key at which all keys sound.
  bool at_root = false;             ///< All keys sound at the root of the sample, if there is no `note`.
  bool keep_loops = true;
  bool keep_envelope = true;
};

/// A configuration of TiMidity, read but for the patches.
struct GusPatchMap {
  std::vector<std::string> folders;                     ///< Later ones are searched first.
  std::map<std::pair<int, int>, GusPatchUse> programs;  ///< By bank and program.
  std::map<std::pair<int, int>, GusPatchUse> drums;     ///< By number of the drum set and key.
};

/// Reads the statements dir, bank, drumset and those that begin with a number; `name` begins the messages. Throws
/// Error(kMalformed) with the line for what it does not understand, such as TiMidity's other statements, source
/// included.
GusPatchMap parse_gus_patch_map(std::string_view text, std::string_view name);

/// Patches for programs and drums, read once where several use them. Immutable after construction.
class GusPatchSet {
 public:
  struct Tone {
    GusPatchUse use;
    std::shared_ptr<const GusPatch> patch;
    double gain = 1;  ///< Of its samples.
  };

  /// Reads a map (.cfg) and its patches, which lie beside it or in its folders; those that do not exist are left out.
  /// Throws Error(kNotFound) when nothing is left, and as the functions that parse map and patches.
  explicit GusPatchSet(const std::filesystem::path& map);

  const std::map<std::pair<int, int>, Tone>& programs() const { return programs_; }  ///< By bank and program.
  const std::map<std::pair<int, int>, Tone>& drums() const { return drums_; }        ///< By drum set and key.

 private:
  std::map<std::pair<int, int>, Tone> programs_, drums_;
};

}  // namespace yourmt3
