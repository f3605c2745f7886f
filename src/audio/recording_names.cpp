#include "audio/recording_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/lower_case.h"

namespace yourmt3 {
namespace {

constexpr std::array kExtensions = {".wav",  ".flac", ".ogg", ".oga", ".opus", ".mp3",  ".aif",
                                    ".aiff", ".aifc", ".au",  ".caf", ".w64",  ".rf64", ".m4a",
                                    ".mp4",  ".aac",  ".wma", ".mkv", ".mov",  ".avi",  ".webm"};

}  // namespace

bool has_recording_extension(const std::filesystem::path& path) {
  const std::string extension = lower_case(path.extension().string());
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace yourmt3
