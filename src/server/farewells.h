#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "core/file_descriptor.h"
#include "server/client_patience.h"

namespace yourmt3 {

/// Closes connections whose answer is written, so that it arrives: a socket that is closed on a client that still sends
/// takes back what the client has not read yet. What still comes is read and thrown away until the client closes its
/// side, too, within bounds of time and size. One thread does so for all of them.
class Farewells {
 public:
  explicit Farewells(const ClientLimits& limits);
  ~Farewells();
  Farewells(const Farewells&) = delete;
  Farewells& operator=(const Farewells&) = delete;

  /// From any thread; does not wait.
  void add(FileDescriptor socket);

 private:
  struct Leaving {
    FileDescriptor socket;
    ClientPatience patience;
    std::size_t n_discarded = 0;
  };

  void run();
  static bool discard(Leaving& one);

  ClientLimits limits_;
  FileDescriptor wake_;
  std::mutex mutex_;
  std::vector<Leaving> arriving_;
  std::atomic<std::size_t> n_leaving_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace yourmt3
