#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace yourmt3 {

/// A whole file, mapped read-only. Pages are read when touched.
class MappedFile {
 public:
  /// Throws Error(kNotFound) or Error(kIo). An empty file gives an empty span.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

  /// Gives back the memory of the pages in which `part` lies; touched again, they are read again. Nothing happens when
  /// it is no part of bytes().
  void release(std::span<const std::byte> part) const;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace yourmt3
