#include "prepare/source_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace yourmt3 {

namespace fs = std::filesystem;

fs::path source_folder(const fs::path& source, std::string_view marker) {
  std::error_code error;
  if (fs::exists(source / marker, error)) return source;
  fs::path found;
  for (const auto& entry : fs::directory_iterator(source, error)) {
    if (!entry.is_directory(error) || !fs::exists(entry.path() / marker, error)) continue;
    if (!found.empty()) return {};
    found = entry.path();
  }
  return found;
}

std::vector<fs::path> files_with_extension(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && name.ends_with(extension)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string number_ranges(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", numbers[i]);
    if (last > i) text += fmt::format("-{}", numbers[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace yourmt3
