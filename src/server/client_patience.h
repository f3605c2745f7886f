#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "server/connection_limits.h"

namespace yourmt3 {

/// Counts how long a client lets us wait: waiting takes from a credit of `max_wait`, bytes that come or go fill it up
/// again.
class ClientPatience {
 public:
  using Duration = std::chrono::duration<double>;

  explicit ClientPatience(const ClientLimits& limits) : limits_(limits), credit_(limits.max_wait) {}

  void waited(Duration time) { credit_ -= time; }
  void moved(std::size_t n_bytes) {
    const Duration earned(static_cast<double>(n_bytes) / static_cast<double>(limits_.min_bytes_per_sec));
    credit_ = std::min<Duration>(limits_.max_wait, credit_ + earned);
  }
  Duration left() const { return credit_; }

 private:
  ClientLimits limits_;
  Duration credit_;
};

}  // namespace yourmt3
