#include "cli/content_hash.h"

// Inlined: one function of it is needed, and the program starts with one library less.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace yourmt3::cli {

std::uint64_t content_hash(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace yourmt3::cli
