#include "cli/listening_sounds.h"

#include <fmt/format.h>

#include "yourmt3/error.h"

namespace yourmt3::cli {

Stage open_stage(StageOptions options, const std::vector<std::string>& named, bool quiet) {
  if (!named.empty()) {
    options.sounds.assign(named.begin(), named.end());
    return Stage(options);
  }
  std::string missing = "no sound font is installed";
  if (const auto font = installed_listening_font()) {
    try {
      options.sounds = {*font};
      return Stage(options);
    } catch (const Error& error) {
      missing = error.what();
    }
  }
  if (!quiet) fmt::print(stderr, "yourmt3: {}; playing with built-in tones\n", missing);
  options.sounds = {kTones};
  return Stage(options);
}

}  // namespace yourmt3::cli
