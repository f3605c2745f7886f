// Any text as the notes of sung recordings, with and without correction.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "prepare/singing_annotation.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool lengthen_short : {false, true}) {
    try {
      for (const auto& [number, sung] : yourmt3::parse_singing_annotation(text, "fuzz", lengthen_short)) {
        if (number < 0 || (!sung.fault.empty() && !sung.notes.empty())) std::abort();
        for (const auto& note : sung.notes) {
          if (note.pitch < 0 || note.pitch > 127 || !(note.onset_sec >= 0) || !(note.offset_sec >= note.onset_sec)) {
            std::abort();
          }
        }
      }
    } catch (const yourmt3::Error&) {
    }
  }
  return 0;
}
