#pragma once

#include <filesystem>

namespace yourmt3::cli {

/// A folder that appears whole or not at all: files go to one with a temporary name beside it, commit() renames that.
/// Without commit() the destructor removes it with all that is in it.
class AtomicFolder {
 public:
  /// Makes the temporary folder, and those that it lies in. Throws Error(kInvalidArgument) when the target exists, is
  /// not an empty folder and may not be replaced, and Error(kIo).
  AtomicFolder(std::filesystem::path target, bool replace);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  const std::filesystem::path& temporary_path() const { return temporary_; }

  /// Throws Error(kIo); the target is then as it was.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

}  // namespace yourmt3::cli
