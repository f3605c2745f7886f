#include "core/printable_text.h"

#include <cstddef>

namespace yourmt3 {

std::string printable_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(at < text.size() ? text[at] : 0); };
    const unsigned lead = byte(i);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
    bool valid = size > 0 && lead >= 0x20 && lead != 0x7F;
    for (std::size_t k = 1; k < size; ++k) valid = valid && (byte(i + k) & 0xC0) == 0x80;
    // Overlong forms, surrogates and what lies behind the last plane.
    valid = valid && !(lead == 0xE0 && byte(i + 1) < 0xA0) && !(lead == 0xED && byte(i + 1) > 0x9F) &&
            !(lead == 0xF0 && byte(i + 1) < 0x90) && !(lead == 0xF4 && byte(i + 1) > 0x8F);
    if (valid) {
      out.append(text, i, size);
      i += size;
    } else {
      out += '?';
      ++i;
    }
  }
  return out;
}

}  // namespace yourmt3
