#include "cli/score_pairs.h"

#include <map>
#include <system_error>

#include <fmt/format.h>

#include "cli/note_files.h"
#include "cli/verb.h"
#include "core/fail.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

// The note files of a folder by name.
std::map<std::string, fs::path> note_files_in(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  try {
    for (const auto& entry :
         fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink)) {
      const auto format = note_format_of(entry.path());
      if (!format || !holds_notes(*format) || !entry.is_regular_file()) continue;
      const std::string name = entry.path().lexically_relative(folder).replace_extension().generic_string();
      const auto [it, added] = files.try_emplace(name, entry.path());
      if (!added && *format < *note_format_of(it->second)) it->second = entry.path();
    }
  } catch (const fs::filesystem_error& error) {
    fail(ErrorCode::kIo, "{}: {}", folder.string(), error.code().message());
  }
  return files;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

ScorePairs find_score_pairs(const fs::path& reference, const fs::path& estimate) {
  if (!is_folder(reference) && !is_folder(estimate)) {
    fs::path name = estimate;
    ScorePairs found;
    found.pairs.push_back({name.replace_extension().generic_string(), reference, estimate});
    return found;
  }
  for (const fs::path& path : {reference, estimate}) {
    if (!fs::exists(path)) fail(ErrorCode::kNotFound, "{}: no such file or folder", path.string());
  }
  if (is_folder(reference) != is_folder(estimate)) {
    throw UsageError(fmt::format("{} and {} cannot be compared: one is a folder, the other a file", reference.string(),
                                 estimate.string()));
  }
  const std::map<std::string, fs::path> references = note_files_in(reference);
  const std::map<std::string, fs::path> estimates = note_files_in(estimate);
  if (references.empty() && estimates.empty()) {
    fail(ErrorCode::kNotFound, "{} and {} have no MIDI, JSON or CSV file", reference.string(), estimate.string());
  }
  ScorePairs found;
  found.of_folders = true;
  for (const auto& [name, path] : references) {
    const auto partner = estimates.find(name);
    if (partner != estimates.end()) {
      found.pairs.push_back({name, path, partner->second});
    } else {
      found.problems.push_back(fmt::format("{}: no estimate of that name in {}", path.string(), estimate.string()));
    }
  }
  for (const auto& [name, path] : estimates) {
    if (!references.contains(name)) {
      found.problems.push_back(fmt::format("{}: no reference of that name in {}", path.string(), reference.string()));
    }
  }
  return found;
}

}  // namespace yourmt3::cli
