#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace yourmt3 {

/// How long a client may let the server wait.
struct ClientLimits {
  std::chrono::milliseconds max_wait{10000};  ///< At once.
  std::int64_t min_bytes_per_sec = 32 << 10;  ///< On average, while it is waited for.
};

struct ConnectionLimits {
  int n_threads = 64;                              ///< That answer requests.
  std::size_t max_queued = 256;                    ///< Connections that wait for one of them.
  std::chrono::milliseconds max_queue_time{3000};  ///< As long as they do.
  ClientLimits client = {};
};

}  // namespace yourmt3
