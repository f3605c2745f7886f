#include "core/json_depth.h"

#include <cstddef>

#include "core/fail.h"

namespace yourmt3 {

std::string_view shallow_json(std::string_view text) {
  constexpr int kMaxDepth = 64;  // Files of ours and of data sets have fewer than 10.
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) {
        fail(ErrorCode::kMalformed, "JSON is nested more than {} levels deep at byte {}", kMaxDepth, i);
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return text;
}

}  // namespace yourmt3
