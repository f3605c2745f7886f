#include "audio/recording_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace yourmt3 {
namespace {

constexpr std::array kExtensions = {".wav",  ".flac", ".ogg", ".oga", ".opus", ".mp3",  ".aif",
                                    ".aiff", ".aifc", ".au",  ".caf", ".w64",  ".rf64", ".m4a",
                                    ".mp4",  ".aac",  ".wma", ".mkv", ".mov",  ".avi",  ".webm"};

}  // namespace

bool has_recording_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace yourmt3
