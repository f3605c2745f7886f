#pragma once

#include <string>
#include <string_view>

namespace yourmt3 {

/// True for names and addresses that only this machine can reach: localhost, 127.x.x.x and ::1.
bool is_loopback(std::string_view host);

/// The headers of a request that say who asks.
struct Credentials {
  std::string_view method;
  std::string_view host;           ///< "name:port", as the client believes the server is called.
  std::string_view origin;         ///< Of the page that asks; empty when none does.
  std::string_view authorization;  ///< "Bearer TOKEN".
  std::string_view cookie;
};

/// Who may use the server.
///
/// With a token, those who show it. Without one, everybody on this machine, but not the web: a page from elsewhere that
/// a browser on this machine has open can send requests here too. It cannot hide its origin when it changes something,
/// and it has to use a name of its own for this machine to read something (DNS rebinding); neither is accepted.
class Access {
 public:
  enum class Verdict { kAllowed, kNeedsToken, kForeignHost, kForeignOrigin };

  /// An empty token means that none is needed. Throws Error(kInvalidArgument) for one that is shorter than 16
  /// characters or holds others than letters, digits and -._~, and when `host` is not loopback and there is none.
  Access(std::string_view host, std::string token);

  Verdict check(const Credentials& credentials) const;

  /// The same token? Takes as long for every wrong one.
  bool is_token(std::string_view text) const;

  const std::string& token() const { return token_; }

  /// The cookie that a browser shows instead of the header, which event streams and audio elements cannot send.
  std::string cookie() const;

 private:
  std::string token_;
};

}  // namespace yourmt3
