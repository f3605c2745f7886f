// Any text as the map of a patch set: an error, or programs and keys of MIDI.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "data/gus_patch_set.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto map = yourmt3::parse_gus_patch_map({reinterpret_cast<const char*>(data), size}, "input");
    for (const auto* uses : {&map.programs, &map.drums}) {
      for (const auto& [place, use] : *uses) {
        if (place.first < 0 || place.first > 127 || place.second < 0 || place.second > 127) std::abort();
        if (use.file.empty() || use.amplitude.value_or(1) < 0 || use.note.value_or(1) < 1) std::abort();
      }
    }
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
