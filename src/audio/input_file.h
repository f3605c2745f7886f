#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace yourmt3 {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }
  int release();
  void reset();

 private:
  int descriptor_ = -1;
};

/// Asked while a call waits; an empty function never stops. Throws Error(kCancelled) when it says no.
using KeepGoing = std::function<bool()>;
void check_keep_going(const KeepGoing& keep_going);

/// A regular file that can be rewound, opened for reading, at its beginning.
struct InputFile {
  FileDescriptor descriptor;
  std::string name;           ///< For messages.
  std::uint64_t n_bytes = 0;  ///< More than 0.
};

/// Opens `path`; a pipe or device with a name is spooled. Errors as AudioReader's constructor.
InputFile open_input(const std::filesystem::path& path, const KeepGoing& keep_going);

/// The same from a descriptor that stays the caller's.
InputFile open_input(int descriptor, const std::string& name, const KeepGoing& keep_going);

}  // namespace yourmt3
