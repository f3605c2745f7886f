#include "server/http_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/fail.h"
#include "server/connection.h"
#include "server/http_error.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 50;
constexpr int kBacklog = 512;  // Connections that the system keeps until they are taken; cpp-httplib asks for 5.

constexpr const char* kBusy = "the server is busy with other requests; try again later";

}  // namespace

int HttpServer::start(const std::string& host, int port, const ConnectionLimits& limits, Refusal refusal) {
  limits_ = limits;
  refusal_ = std::move(refusal);
  // cpp-httplib would let a second server listen on the same port.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  const bool bound = port == 0 ? (port = bind_to_any_port(host)) > 0 : bind_to_port(host, port);
  if (!bound || ::listen(svr_sock_, kBacklog) != 0) {
    fail(ErrorCode::kIo, "cannot listen on {}:{}; is that port in use?", host, port);
  }
  ::fcntl(svr_sock_, F_SETFD, FD_CLOEXEC);
  ::fcntl(svr_sock_, F_SETFL, O_NONBLOCK);
  farewells_ = std::make_unique<Farewells>(limits.client);
  for (int i = 0; i < limits.n_threads; ++i) workers_.emplace_back([this] { work(); });
  listener_ = std::thread([this, socket = svr_sock_.load()] { accept_all(socket); });
  return port;
}

void HttpServer::stop() {
  if (stopping()) return;
  const FileDescriptor listening(svr_sock_.exchange(INVALID_SOCKET));
  listener_.join();
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  farewells_.reset();
}

void HttpServer::accept_all(int listening) {
  while (!stopping()) {
    pollfd waiting{listening, POLLIN, 0};
    if (::poll(&waiting, 1, kPollMilliseconds) > 0) accept_next(listening);
    refuse_overdue();
  }
  const std::lock_guard lock(mutex_);
  for (Waiting& one : queue_) refuse(std::move(one.socket), 503, "the server is stopping");
  queue_.clear();
}

void HttpServer::accept_next(int listening) {
  FileDescriptor socket(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    // Without descriptors or memory it would be tried again at once.
    if (errno != EAGAIN && errno != ECONNABORTED) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < limits_.max_queued) {
      queue_.push_back({std::move(socket), Clock::now()});
    }
  }
  if (socket) {
    refuse(std::move(socket), 503, kBusy);
  } else {
    changed_.notify_one();
  }
}

void HttpServer::refuse_overdue() {
  std::vector<FileDescriptor> overdue;
  {
    const std::lock_guard lock(mutex_);
    while (!queue_.empty() && Clock::now() - queue_.front().since > limits_.max_queue_time) {
      overdue.push_back(std::move(queue_.front().socket));
      queue_.pop_front();
    }
  }
  for (FileDescriptor& socket : overdue) refuse(std::move(socket), 503, kBusy);
}

void HttpServer::refuse(FileDescriptor socket, int status, const std::string& message) {
  const std::string answer = refusal_(status, message);
  // A new socket has room for that.
  if (::send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL) >= 0) farewells_->add(std::move(socket));
}

void HttpServer::work() {
  for (;;) {
    FileDescriptor socket;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping() || !queue_.empty(); });
      if (queue_.empty()) return;
      socket = std::move(queue_.front().socket);
      queue_.pop_front();
    }
    answer(std::move(socket));
  }
}

void HttpServer::answer(FileDescriptor socket) {
  Connection connection(socket.get(), limits_.client, [this] { return stopping(); });
  try {
    bool ignored = false;
    process_request(connection, true, ignored, nullptr);
  } catch (const HttpError& error) {
    // Browsers open connections that they may need later.
    if (connection.has_sent_something()) return refuse(std::move(socket), error.status(), error.what());
  } catch (const std::exception&) {
    return refuse(std::move(socket), 500, "the server failed");
  }
  farewells_->add(std::move(socket));
}

}  // namespace yourmt3
