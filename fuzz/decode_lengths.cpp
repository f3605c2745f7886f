// Any text as a file of decode lengths.

#include "score/decode_lengths.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const yourmt3::DecodeLengths lengths = yourmt3::parse_decode_lengths(text, "fuzz");
    if (yourmt3::parse_decode_lengths(yourmt3::decode_lengths_text(lengths, ""), "fuzz") != lengths) std::abort();
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
