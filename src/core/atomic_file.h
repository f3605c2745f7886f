#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "yourmt3/error.h"

namespace yourmt3 {

/// No space left, or none that this user may use: other files of that place will fare the same. Its code is kIo.
class DiskFullError : public Error {
 public:
  explicit DiskFullError(const std::string& message) : Error(ErrorCode::kIo, message) {}
};

/// A file that appears whole or not at all: bytes go to a temporary name beside the target, commit() renames it.
/// Without commit() the destructor removes the temporary file. One that a killed process left makes room for the next
/// AtomicFile of that target.
class AtomicFile {
 public:
  enum class Existing { kReplace, kRefuse };

  /// Throws Error(kIo) when the folder does not exist or cannot be written, and Error(kInvalidArgument) when the
  /// target exists and `existing` is kRefuse.
  explicit AtomicFile(std::filesystem::path target, Existing existing = Existing::kReplace);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws Error(kIo), DiskFullError when the disk is full.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// For libraries that open files by name themselves; they must be done with it before sync() and commit().
  const std::filesystem::path& temporary_path() const { return temporary_; }

  /// Flushes to disk, so that recover() finds the bytes whatever becomes of this process. Throws as write().
  void sync();

  /// Flushes to disk and renames. Throws Error(kIo); the target is then as it was.
  void commit();

  /// Puts in its place what a process that was killed between sync() and commit() left of `target`, if `is_it` says of
  /// the bytes that they are what it wrote. Throws Error(kIo).
  static void recover(const std::filesystem::path& target, Existing existing,
                      const std::function<bool(std::span<const std::byte>)>& is_it);

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  std::FILE* file_ = nullptr;
  Existing existing_;
  bool committed_ = false;
};

/// Writes `bytes` to `target` through an AtomicFile.
void write_file_atomically(const std::filesystem::path& target, std::string_view bytes,
                           AtomicFile::Existing existing = AtomicFile::Existing::kReplace);

}  // namespace yourmt3
