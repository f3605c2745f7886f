#include "server/disk_budget.h"

#include <fmt/format.h>

#include "server/http_error.h"

namespace yourmt3 {

void DiskBudget::take(std::int64_t n_bytes) {
  const std::int64_t used = used_.fetch_add(n_bytes) + n_bytes;
  if (used <= max_bytes_) return;
  used_ -= n_bytes;
  refuse(used - n_bytes);
}

void DiskBudget::require(std::int64_t n_bytes) const {
  const std::int64_t used = used_;
  if (n_bytes > max_bytes_ - used) refuse(used);
}

void DiskBudget::refuse(std::int64_t used) const {
  throw HttpError(507, fmt::format("there is no room for it: the server keeps {} of at most {} bytes; delete jobs that "
                                   "are no longer needed, or start it with a larger --max-disk",
                                   used, max_bytes_));
}

}  // namespace yourmt3
