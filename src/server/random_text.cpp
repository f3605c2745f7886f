#include "server/random_text.h"

#include <sys/random.h>

#include <vector>

#include "core/fail.h"

namespace yourmt3 {

std::string random_hex(int n_bytes) {
  std::vector<unsigned char> bytes(static_cast<std::size_t>(n_bytes));
  // Up to 256 bytes arrive whole.
  YOURMT3_ASSERT(n_bytes <= 256);
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    fail(ErrorCode::kIo, "the system gives no random numbers");
  }
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace yourmt3
