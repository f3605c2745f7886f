#include "server/access.h"

#include <algorithm>
#include <cctype>

#include "core/fail.h"
#include "core/lower_case.h"

namespace yourmt3 {
namespace {

constexpr std::string_view kCookieName = "yourmt3_token";
constexpr std::size_t kShortestToken = 16;

/// "localhost:8000" without the port; "[::1]:8000" without brackets, too.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view one = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
  }
  return {};
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host == "::1" || lower_case(std::string(host)) == "localhost") return true;
  // Only numbers: 127.0.0.1.example.org is somebody else's.
  return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) { return std::isdigit(c) || c == '.'; });
}

Access::Access(std::string_view host, std::string token) : token_(std::move(token)) {
  if (token_.empty()) {
    if (!is_loopback(host)) {
      fail(ErrorCode::kInvalidArgument, "'{}' can be reached from other machines: a token is needed", host);
    }
    return;
  }
  const bool plain = std::all_of(token_.begin(), token_.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
  if (!plain || token_.size() < kShortestToken) {
    fail(ErrorCode::kInvalidArgument, "the token has {} characters, expected at least {} letters, digits or -._~",
         token_.size(), kShortestToken);
  }
}

Access::Verdict Access::check(const Credentials& credentials) const {
  if (token_.empty()) {
    if (!is_loopback(without_port(credentials.host))) return Verdict::kForeignHost;
  } else {
    constexpr std::string_view kBearer = "Bearer ";
    const bool shown = credentials.authorization.starts_with(kBearer)
                           ? is_token(credentials.authorization.substr(kBearer.size()))
                           : is_token(cookie_value(credentials.cookie, kCookieName));
    if (!shown) return Verdict::kNeedsToken;
  }
  if (changes_something(credentials.method) && !credentials.origin.empty()) {
    const std::size_t scheme = credentials.origin.find("://");
    if (scheme == std::string_view::npos || credentials.origin.substr(scheme + 3) != credentials.host) {
      return Verdict::kForeignOrigin;
    }
  }
  return Verdict::kAllowed;
}

bool Access::is_token(std::string_view text) const {
  // The time must not tell how many of the first characters are right.
  unsigned difference = text.size() == token_.size() ? 0 : 1;
  for (std::size_t i = 0; i < token_.size(); ++i) {
    const char shown = i < text.size() ? text[i] : '\0';
    difference |= static_cast<unsigned char>(shown ^ token_[i]);
  }
  return difference == 0;
}

std::string Access::cookie() const {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict", kCookieName, token_);
}

}  // namespace yourmt3
