#include "prepare/files_below.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "prepare/manifest.h"

namespace yourmt3 {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& folder, std::vector<std::string>& remarks) {
  std::vector<fs::path> files, broken_links;
  std::set<fs::path> folders = {folder}, links, entered;
  while (!folders.empty() || !links.empty()) {
    // Links come last, so that a folder has its own name and not that of a link to it.
    auto& waiting = folders.empty() ? links : folders;
    const fs::path place = waiting.extract(waiting.begin()).value();
    std::error_code error;
    const fs::path itself = fs::canonical(place, error);
    if (!entered.insert(error ? place : itself).second) continue;
    if (place != folder && fs::exists(place / kManifestName, error)) {
      remarks.push_back(fmt::format("{}: left out, it is a prepared data set", place.string()));
      continue;
    }
    fs::directory_iterator entries(place, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const fs::path& entry = entries->path();
      if (entry.filename().string().starts_with('.')) continue;
      std::error_code unknown;  // Then it is none of these.
      const bool is_link = entries->is_symlink(unknown);
      if (entries->is_directory(unknown)) {
        (is_link ? links : folders).insert(entry);
      } else if (entries->is_regular_file(unknown)) {
        files.push_back(entry);
      } else if (is_link) {
        broken_links.push_back(entry);
      }
    }
    if (error) remarks.push_back(fmt::format("{}: left out, it cannot be read: {}", place.string(), error.message()));
  }
  std::sort(files.begin(), files.end());
  if (!broken_links.empty()) {
    remarks.push_back(fmt::format("{} links lead to no file and are left out, such as {}", broken_links.size(),
                                  std::min_element(broken_links.begin(), broken_links.end())->string()));
  }
  return files;
}

}  // namespace yourmt3
