#pragma once

#include <httplib.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/file_descriptor.h"
#include "server/connection_limits.h"
#include "server/farewells.h"

namespace yourmt3 {

/// cpp-httplib's routes and handlers on connections of our own, one request each: on a fixed number of threads, which
/// no client may hold for long. Connections that find all threads busy wait in line a little while, then are answered
/// 503.
class HttpServer : private httplib::Server {
 public:
  /// What a client is told that is refused before its request is understood: all of an answer. Also for counting.
  using Refusal = std::function<std::string(int status, const std::string& message)>;

  ~HttpServer() override { stop(); }

  using httplib::Server::Delete;
  using httplib::Server::Get;
  using httplib::Server::Post;
  using httplib::Server::Put;
  using httplib::Server::set_default_headers;
  using httplib::Server::set_error_handler;
  using httplib::Server::set_exception_handler;
  using httplib::Server::set_logger;
  using httplib::Server::set_pre_routing_handler;

  /// Takes requests from now on; handlers do not change any more. Port 0: one that is free; returns which it is. Throws
  /// Error(kIo) when it cannot listen there.
  int start(const std::string& host, int port, const ConnectionLimits& limits, Refusal refusal);

  /// Takes no more requests and waits for those under way, whose clients are waited for no longer.
  void stop();

 private:
  struct Waiting {
    FileDescriptor socket;
    std::chrono::steady_clock::time_point since;
  };

  void accept_all(int listening);
  void accept_next(int listening);
  void refuse_overdue();
  void refuse(FileDescriptor socket, int status, const std::string& message);
  void work();
  void answer(FileDescriptor socket);
  bool stopping() const { return svr_sock_ == INVALID_SOCKET; }

  ConnectionLimits limits_;
  Refusal refusal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  std::unique_ptr<Farewells> farewells_;
  std::vector<std::thread> workers_;
  std::thread listener_;
};

}  // namespace yourmt3
