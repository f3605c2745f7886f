// Any text as drum hits of ENST-Drums.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "prepare/enst_annotation.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& note : yourmt3::parse_enst_annotation(text, "fuzz")) {
      if (!note.is_drum || note.pitch < 0 || note.pitch > 59) std::abort();
    }
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
