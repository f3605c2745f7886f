#include "prepare/visible_folders.h"

#include <algorithm>

namespace yourmt3 {

namespace fs = std::filesystem;

std::vector<fs::path> visible_folders(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error) && !entry.path().filename().string().starts_with('.')) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace yourmt3
