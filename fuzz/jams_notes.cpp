// Any text as a JAMS annotation.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "prepare/jams_notes.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& note : yourmt3::parse_jams_notes(text, "fuzz", 24).notes) {
      if (note.pitch < 0 || note.pitch > 127 || !(note.onset_sec >= 0) || !(note.offset_sec >= note.onset_sec)) {
        std::abort();
      }
    }
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
