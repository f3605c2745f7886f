#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/fail.h"

namespace yourmt3 {
namespace {

std::filesystem::path temporary_name(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  auto name = "." + target.filename().string() + fmt::format(".{}-{}.part", ::getpid(), counter++);
  return target.parent_path() / name;
}

[[noreturn]] void fail_io(const std::filesystem::path& path, const char* action) {
  const int code = errno;
  fail(ErrorCode::kIo, "{}: cannot {}: {}", path.string(), action, std::strerror(code));
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target, Existing existing)
    : target_(std::move(target)), temporary_(temporary_name(target_)), existing_(existing) {
  if (existing_ == Existing::kRefuse && std::filesystem::exists(target_)) {
    fail(ErrorCode::kInvalidArgument, "{}: exists already; use --force to replace it", target_.string());
  }
  const int descriptor = ::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_io(target_, "write");
  file_ = ::fdopen(descriptor, "wb");
  if (file_ == nullptr) {
    ::close(descriptor);
    ::unlink(temporary_.c_str());
    fail_io(target_, "write");
  }
}

AtomicFile::~AtomicFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail_io(target_, "write");
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void AtomicFile::commit() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail_io(target_, "write");
  const int closed = std::fclose(file_);
  file_ = nullptr;
  if (closed != 0) fail_io(target_, "write");
  if (existing_ == Existing::kRefuse) {
    // link() fails when the name was taken meanwhile; rename() would replace it.
    if (::link(temporary_.c_str(), target_.c_str()) == 0) {
      ::unlink(temporary_.c_str());
      committed_ = true;
      return;
    }
    if (errno == EEXIST) {
      fail(ErrorCode::kInvalidArgument, "{}: exists already; use --force to replace it", target_.string());
    }
    // File systems without hard links: the check in the constructor has to do.
  }
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail_io(target_, "write");
  committed_ = true;
}

void write_file_atomically(const std::filesystem::path& target, std::string_view bytes, AtomicFile::Existing existing) {
  AtomicFile file(target, existing);
  file.write(bytes);
  file.commit();
}

}  // namespace yourmt3
