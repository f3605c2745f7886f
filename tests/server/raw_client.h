#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace yourmt3::testing {

/// A connection to a server on this machine that sends bytes as they are.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  ~RawClient() {
    if (socket_ >= 0) ::close(socket_);
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;

  /// False when the server wants no more.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Tells that nothing more is sent.
  void hang_up() const { ::shutdown(socket_, SHUT_WR); }

  /// All that comes until the server closes the connection.
  std::string answer() const {
    std::string text;
    char block[4096];
    for (ssize_t n; (n = ::recv(socket_, block, sizeof block, 0)) > 0;) text.append(block, static_cast<std::size_t>(n));
    return text;
  }

 private:
  int socket_;
};

/// The status of an answer; 0 when there is none.
inline int status_in(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") && answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
}

/// The beginning of a form of `n_bytes` with a recording of which nothing is sent yet.
inline std::string upload_head(std::size_t n_bytes) {
  return "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
         "Content-Length: " +
         std::to_string(n_bytes) +
         "\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\n";
}

}  // namespace yourmt3::testing
