// Any text as metadata.yaml of a Slakh track.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "prepare/slakh_metadata.h"
#include "yourmt3/error.h"
#include "yourmt3/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  try {
    for (const SlakhStem& stem : parse_slakh_metadata({reinterpret_cast<const char*>(data), size}, "metadata.yaml")) {
      if (stem.program < 0 || stem.program > kDrumProgram) std::abort();
      if (stem.id.empty() || stem.id.find('/') != std::string::npos) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
