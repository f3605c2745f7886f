#include "server/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "server/http_error.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 50;  // How late the end of the server may be noticed.
// The head of a request in all, and each line by which a body in chunks is divided.
constexpr std::size_t kMaxLineBytes = 65536;

}  // namespace

ssize_t Connection::read(char* out, std::size_t size) {
  if (n_given_ == n_buffered_ && fill() == 0) return 0;
  line_bytes_ = size == 1 ? line_bytes_ + 1 : 0;
  if (line_bytes_ > kMaxLineBytes) throw HttpError(431, "the head of the request is too long");
  const std::size_t n = std::min(size, n_buffered_ - n_given_);
  std::memcpy(out, buffer_.data() + n_given_, n);
  n_given_ += n;
  return static_cast<ssize_t>(n);
}

/// Reads what is there, waiting for it; 0 at the end.
std::size_t Connection::fill() {
  n_buffered_ = n_given_ = 0;
  for (;;) {
    const ssize_t n = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (n > 0) {
      any_read_ = true;
      patience_.moved(static_cast<std::size_t>(n));
      return n_buffered_ = static_cast<std::size_t>(n);
    }
    if (n < 0 && errno == EAGAIN) {
      wait_for(POLLIN);
    } else if (n == 0 || errno != EINTR) {
      return 0;
    }
  }
}

ssize_t Connection::write(const char* bytes, std::size_t size) {
  for (;;) {
    const ssize_t n = ::send(socket_, bytes, size, MSG_NOSIGNAL);
    if (n >= 0) {
      patience_.moved(static_cast<std::size_t>(n));
      return n;
    }
    if (errno == EAGAIN) {
      try {
        wait_for(POLLOUT);
      } catch (const HttpError&) {
        return -1;  // Nobody is there to be told.
      }
    } else if (errno != EINTR) {
      return -1;
    }
  }
}

bool Connection::is_writable() const {
  pollfd state{socket_, POLLRDHUP, 0};
  return ::poll(&state, 1, 0) == 0;
}

void Connection::wait_for(short events) {
  for (;;) {
    if (stopping_()) throw HttpError(503, "the server is stopping");
    if (patience_.left() <= ClientPatience::Duration::zero()) {
      throw HttpError(408, "the request arrives too slowly; try again on a better connection");
    }
    pollfd waiting{socket_, events, 0};
    const Clock::time_point start = Clock::now();
    const int ready = ::poll(&waiting, 1, kPollMilliseconds);
    patience_.waited(Clock::now() - start);
    if (ready > 0) return;
  }
}

}  // namespace yourmt3
