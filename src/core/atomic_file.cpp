#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/fail.h"
#include "core/mapped_file.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_io(const fs::path& path, const char* action) {
  const int code = errno;
  const std::string message = fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(code));
  if (code == ENOSPC || code == EDQUOT) throw DiskFullError(message);
  throw Error(ErrorCode::kIo, message);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~Descriptor() {
    if (valid()) ::close(number_);
  }
  bool valid() const { return number_ >= 0; }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// Its writer has it locked as long as it lives.
fs::path usual_temporary(const fs::path& target) {
  return target.parent_path() / ("." + target.filename().string() + ".part");
}

/// For a second writer at the same time, and for file systems without locks.
fs::path unique_temporary(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  return target.parent_path() / fmt::format(".{}.{}-{}.part", target.filename().string(), ::getpid(), counter++);
}

Descriptor create(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
}

bool lock(const Descriptor& file) {
  return ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

/// It may have been removed or renamed between opening and locking.
bool still_called(const fs::path& path, const Descriptor& file) {
  struct stat named = {}, opened = {};
  return ::lstat(path.c_str(), &named) == 0 && ::fstat(file.get(), &opened) == 0 && named.st_dev == opened.st_dev &&
         named.st_ino == opened.st_ino;
}

/// Opens and locks what a killed process left; invalid when there is nothing, or its process lives.
Descriptor take_abandoned(const fs::path& temporary) {
  // For writing, because NFS gives an exclusive lock to nobody else.
  Descriptor file(::open(temporary.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (file.valid() && lock(file) && still_called(temporary, file)) return file;
  return Descriptor(-1);
}

std::pair<fs::path, Descriptor> open_temporary(const fs::path& target) {
  const fs::path usual = usual_temporary(target);
  // Others who do the same may come in between, each only for a moment.
  for (int attempt = 0; attempt < 16; ++attempt) {
    Descriptor file = create(usual);
    if (file.valid()) {
      if (lock(file)) {
        if (still_called(usual, file)) return {usual, std::move(file)};
      } else if (errno != EWOULDBLOCK) {
        ::unlink(usual.c_str());
        break;
      }
    } else if (errno != EEXIST) {
      fail_io(target, "write");
    } else {
      const Descriptor abandoned = take_abandoned(usual);
      if (!abandoned.valid()) break;
      ::unlink(usual.c_str());
    }
  }
  fs::path unique = unique_temporary(target);
  Descriptor file = create(unique);
  if (!file.valid()) fail_io(target, "write");
  return {std::move(unique), std::move(file)};
}

[[noreturn]] void fail_existing(const fs::path& target) {
  fail(ErrorCode::kInvalidArgument, "{}: exists already; use --force to replace it", target.string());
}

void put_in_place(const fs::path& temporary, const fs::path& target, AtomicFile::Existing existing) {
  if (existing == AtomicFile::Existing::kRefuse) {
    // link() fails when the name was taken meanwhile; rename() would replace it.
    if (::link(temporary.c_str(), target.c_str()) == 0) {
      ::unlink(temporary.c_str());
      return;
    }
    if (errno == EEXIST) fail_existing(target);
    // File systems without hard links: that it was not there before has to do.
  }
  if (std::rename(temporary.c_str(), target.c_str()) != 0) fail_io(target, "write");
}

}  // namespace

AtomicFile::AtomicFile(fs::path target, Existing existing) : target_(std::move(target)), existing_(existing) {
  if (existing_ == Existing::kRefuse && fs::exists(target_)) fail_existing(target_);
  auto [temporary, file] = open_temporary(target_);
  temporary_ = std::move(temporary);
  file_ = ::fdopen(file.get(), "wb");
  if (file_ == nullptr) {
    ::unlink(temporary_.c_str());
    fail_io(target_, "write");
  }
  file.release();
}

AtomicFile::~AtomicFile() {
  // Before the lock is given up: then the name may be another's.
  if (!committed_) ::unlink(temporary_.c_str());
  std::fclose(file_);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail_io(target_, "write");
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void AtomicFile::sync() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail_io(target_, "write");
}

void AtomicFile::commit() {
  sync();
  put_in_place(temporary_, target_, existing_);
  committed_ = true;
}

void AtomicFile::recover(const fs::path& target, Existing existing,
                         const std::function<bool(std::span<const std::byte>)>& is_it) {
  const fs::path temporary = usual_temporary(target);
  const Descriptor abandoned = take_abandoned(temporary);
  if (!abandoned.valid() || !is_it(MappedFile(temporary).bytes())) return;
  if (existing == Existing::kReplace || !fs::exists(target)) put_in_place(temporary, target, existing);
  // Behind a link, or a rename to itself.
  ::unlink(temporary.c_str());
}

void write_file_atomically(const fs::path& target, std::string_view bytes, AtomicFile::Existing existing) {
  AtomicFile file(target, existing);
  file.write(bytes);
  file.commit();
}

}  // namespace yourmt3
