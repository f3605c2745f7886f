// Any text as the description of a drum kit.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/drum_kit_xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& drum : yourmt3::parse_drum_kit(text)) {
    const int key = yourmt3::drum_key_from_name(drum.name);
    if (key < -1 || key > 127 || drum.layers.empty()) std::abort();
  }
  return 0;
}
