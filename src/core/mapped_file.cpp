#include "core/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    const int code = errno;
    fail(code == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, "{}: cannot open: {}", path.string(),
         std::strerror(code));
  }
  struct stat status {};
  void* data = nullptr;
  int code = 0;
  if (::fstat(descriptor, &status) != 0) {
    code = errno;
  } else if (!S_ISREG(status.st_mode)) {
    code = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
  } else if (status.st_size > 0) {
    data = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED) code = errno;
  }
  ::close(descriptor);
  if (code == ENOMEM) fail(ErrorCode::kIo, "{}: cannot map: more files than vm.max_map_count allows?", path.string());
  if (code != 0) fail(ErrorCode::kIo, "{}: cannot read: {}", path.string(), std::strerror(code));
  data_ = static_cast<const std::byte*>(data);
  size_ = static_cast<std::size_t>(status.st_size);
}

void MappedFile::release(std::span<const std::byte> part) const {
  const std::less_equal<const std::byte*> not_after;  // Of pointers into different arrays `<=` says nothing.
  if (part.empty() || !not_after(data_, part.data()) || !not_after(part.data() + part.size(), data_ + size_)) return;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = static_cast<std::size_t>(part.data() - data_);
  const std::size_t first = begin / page * page;
  // Advice: where it is refused, pages merely stay.
  ::madvise(const_cast<std::byte*>(data_) + first, begin + part.size() - first, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace yourmt3
