#include "cli/program_files.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/fail.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelName = "default.safetensors";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
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

fs::path find_model(const std::string& option) {
  if (!option.empty()) return option;
  if (const std::string named = environment("YOURMT3_MODEL"); !named.empty()) return named;
  const fs::path folder = program_folder();
  const std::vector<fs::path> places = {folder / "models" / kModelName,
                                        (folder / YOURMT3_MODELS_FROM_BIN / kModelName).lexically_normal()};
  for (const fs::path& place : places) {
    if (fs::exists(place)) return place;
  }
  fail(ErrorCode::kNotFound, "no model: looked for {} and {}; name one with --model or YOURMT3_MODEL",
       places[0].string(), places[1].string());
}

fs::path find_on_path(const std::string& name) {
  const std::string path = environment("PATH");
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const fs::path place(rest.substr(0, end));
    if (is_program(place / name)) return place / name;
    rest.remove_prefix(std::min(end + 1, rest.size()));
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
