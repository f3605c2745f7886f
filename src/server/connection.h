#pragma once

#include <httplib.h>

#include <array>
#include <functional>
#include <string>

#include "server/client_patience.h"

namespace yourmt3 {

/// A client's connection, as cpp-httplib reads a request from it and writes the answer to it. The socket stays the
/// caller's; it does not block.
///
/// A client that is too slow, or that sends a line without end, makes read() throw HttpError (408, 431), and so does
/// the end of the server (503). One that says that it has sent everything still gets its answer.
class Connection : public httplib::Stream {
 public:
  Connection(int socket, const ClientLimits& limits, std::function<bool()> stopping)
      : socket_(socket), patience_(limits), stopping_(std::move(stopping)) {}

  ssize_t read(char* out, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;

  bool is_readable() const override { return true; }
  bool is_writable() const override;  ///< False when the client has closed its side.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  /// Not the true one: cpp-httplib refuses requests on sockets from 1024 on, which its select() could not wait for.
  socket_t socket() const override { return 0; }

  bool has_sent_something() const { return any_read_; }

 private:
  void wait_for(short events);
  std::size_t fill();

  int socket_;
  ClientPatience patience_;
  std::function<bool()> stopping_;
  std::array<char, 16384> buffer_;
  std::size_t n_buffered_ = 0, n_given_ = 0;
  std::size_t line_bytes_ = 0;  ///< Read one by one, as lines are.
  bool any_read_ = false;
};

}  // namespace yourmt3
