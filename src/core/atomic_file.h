#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string_view>

namespace yourmt3 {

/// A file that appears whole or not at all: bytes go to a temporary name beside the target, commit() renames it.
/// Without commit() the destructor removes the temporary file.
class AtomicFile {
 public:
  enum class Existing { kReplace, kRefuse };

  /// Throws Error(kIo) when the folder does not exist or cannot be written, and Error(kInvalidArgument) when the
  /// target exists and `existing` is kRefuse.
  explicit AtomicFile(std::filesystem::path target, Existing existing = Existing::kReplace);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws Error(kIo), for instance when the disk is full.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// For libraries that open files by name themselves; they must be done with it before commit().
  const std::filesystem::path& temporary_path() const { return temporary_; }

  /// Flushes to disk and renames. Throws Error(kIo); the target is then as it was.
  void commit();

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
