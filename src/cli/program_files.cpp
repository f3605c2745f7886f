#include "cli/program_files.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/fail.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The folders of a list with colons, as in PATH.
std::vector<fs::path> folders_in(std::string_view list) {
  std::vector<fs::path> folders;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    folders.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return folders;
}

std::vector<std::string> texts_of(const std::vector<fs::path>& paths) {
  std::vector<std::string> texts;
  for (const fs::path& path : paths) texts.push_back(path.string());
  return texts;
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

fs::path program_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::current_path() : program.parent_path();
}

fs::path user_data_folder() {
  const fs::path data = environment("XDG_DATA_HOME"), home = environment("HOME");
  if (data.is_absolute()) return data / "yourmt3";
  return home.empty() ? fs::path() : home / ".local" / "share" / "yourmt3";
}

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders = folders_in(environment("YOURMT3_MODELS"));
  if (const fs::path data = user_data_folder(); !data.empty()) folders.push_back(data / "models");
  const fs::path folder = program_folder();
  folders.push_back(folder / "models");
  folders.push_back((folder / YOURMT3_MODELS_FROM_BIN).lexically_normal());
  return folders;
}

fs::path find_model(const std::string& option) {
  std::string wanted = option.empty() ? environment("YOURMT3_MODEL") : option;
  if (wanted.empty()) wanted = "default";
  const fs::path path(wanted);
  if (path.has_parent_path() || path.extension() == ".safetensors" || path.extension() == ".ckpt" || fs::exists(path)) {
    return path;
  }
  const std::vector<fs::path> folders = model_folders();
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    const fs::path place = folder / (wanted + ".safetensors");
    if (fs::exists(place, ignored)) return place;
  }
  fail(ErrorCode::kNotFound, "no model '{}': looked for {}.safetensors in {}; see 'yourmt3 models'", wanted, wanted,
       fmt::join(texts_of(folders), ", "));
}

fs::path find_on_path(const std::string& name) {
  for (const fs::path& place : folders_in(environment("PATH"))) {
    if (is_program(place / name)) return place / name;
  }
  return {};
}

fs::path find_train_program() {
  const fs::path folder = program_folder();
  for (const fs::path& place : {folder, (folder / YOURMT3_LIBEXEC_FROM_BIN).lexically_normal()}) {
    if (is_program(place / "yourmt3-train")) return place / "yourmt3-train";
  }
  return find_on_path("yourmt3-train");
}

}  // namespace yourmt3::cli
