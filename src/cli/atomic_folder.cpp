#include "cli/atomic_folder.h"

#include <unistd.h>

#include "core/fail.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

fs::path without_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

AtomicFolder::AtomicFolder(fs::path target, bool replace) : target_(without_slash(target)) {
  std::error_code error;
  const bool taken = fs::exists(target_) && !(fs::is_directory(target_) && fs::is_empty(target_, error));
  if (taken && !replace) {
    fail(ErrorCode::kInvalidArgument, "{}: exists already; use --force to replace it", target_.string());
  }
  temporary_ = target_.parent_path() / fmt::format(".{}.{}.part", target_.filename().string(), ::getpid());
  fs::create_directories(temporary_, error);
  if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", target_.string(), error.message());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  std::error_code error;
  const fs::path old = temporary_.string() + ".old";
  const bool replaced = fs::exists(target_);
  if (replaced) fs::rename(target_, old, error);
  if (!error) {
    fs::rename(temporary_, target_, error);
    if (error && replaced) {
      std::error_code ignored;
      fs::rename(old, target_, ignored);
    }
  }
  if (error) fail(ErrorCode::kIo, "{}: cannot put the folder in its place: {}", target_.string(), error.message());
  committed_ = true;
  fs::remove_all(old, error);
}

}  // namespace yourmt3::cli
