#include "audio/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr int kPollMilliseconds = 100;  // How late a wish to stop may be noticed.

FileDescriptor unnamed_temporary_file() {
  std::string pattern = (std::filesystem::temp_directory_path() / "yourmt3-XXXXXX").string();
  FileDescriptor file(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!file) {
    const int code = errno;
    fail(ErrorCode::kIo, "{}: cannot make a temporary file: {}", pattern, std::strerror(code));
  }
  ::unlink(pattern.c_str());
  return file;
}

void write_all(int descriptor, const char* bytes, std::size_t size, const std::string& name) {
  while (size > 0) {
    const ssize_t n = ::write(descriptor, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int code = errno;
      fail(ErrorCode::kIo, "{}: cannot keep a copy in {}: {}", name, std::filesystem::temp_directory_path().string(),
           std::strerror(code));
    }
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
}

/// Copies what is left of `from` into a file that can be rewound.
FileDescriptor spool(int from, const std::string& name, const KeepGoing& keep_going) {
  FileDescriptor copy = unnamed_temporary_file();
  std::array<char, 65536> buffer;
  while (true) {
    check_keep_going(keep_going);
    pollfd waiting{from, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kPollMilliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) {
      const int code = errno;
      fail(ErrorCode::kIo, "{}: cannot be read: {}", name, std::strerror(code));
    }
    if (n == 0) return copy;
    write_all(copy.get(), buffer.data(), static_cast<std::size_t>(n), name);
  }
}

InputFile rewindable(FileDescriptor file, const std::string& name, const KeepGoing& keep_going) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    const int code = errno;
    fail(ErrorCode::kIo, "{}: cannot be read: {}", name, std::strerror(code));
  }
  if (S_ISDIR(status.st_mode)) fail(ErrorCode::kInvalidArgument, "{}: is a folder, expected a recording", name);
  // Standard input may be a regular file of which somebody has already read a part.
  if (!S_ISREG(status.st_mode) || ::lseek(file.get(), 0, SEEK_CUR) != 0) {
    file = spool(file.get(), name, keep_going);
    ::fstat(file.get(), &status);
    ::lseek(file.get(), 0, SEEK_SET);
  }
  if (status.st_size == 0) fail(ErrorCode::kMalformed, "{}: is empty (0 bytes)", name);
  return {std::move(file), name, static_cast<std::uint64_t>(status.st_size)};
}

}  // namespace

InputFile open_input(const std::filesystem::path& path, const KeepGoing& keep_going) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    const int code = errno;
    if (code == ENOENT || code == ENOTDIR) fail(ErrorCode::kNotFound, "{}: no such file", path.string());
    fail(ErrorCode::kIo, "{}: cannot be opened: {}", path.string(), std::strerror(code));
  }
  return rewindable(std::move(file), path.string(), keep_going);
}

InputFile open_input(int descriptor, const std::string& name, const KeepGoing& keep_going) {
  FileDescriptor file(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!file) {
    const int code = errno;
    fail(ErrorCode::kIo, "{}: cannot be read: {}", name, std::strerror(code));
  }
  return rewindable(std::move(file), name, keep_going);
}

}  // namespace yourmt3
