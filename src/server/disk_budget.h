#pragma once

#include <atomic>
#include <cstdint>

namespace yourmt3 {

/// Bytes that the files of a server may take. From several threads.
class DiskBudget {
 public:
  explicit DiskBudget(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  /// Takes so many if there is room for them. Throws HttpError(507) otherwise, and takes none.
  void take(std::int64_t n_bytes);
  /// Would take() do so? Throws as it.
  void require(std::int64_t n_bytes) const;
  /// For what is there whether there is room or not; less than 0 gives back.
  void count(std::int64_t n_bytes) { used_ += n_bytes; }

  std::int64_t used() const { return used_; }

 private:
  [[noreturn]] void refuse(std::int64_t used) const;

  std::int64_t max_bytes_;
  std::atomic<std::int64_t> used_ = 0;
};

}  // namespace yourmt3
