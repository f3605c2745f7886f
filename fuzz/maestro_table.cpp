// Any text as the table of MAESTRO.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "prepare/maestro_data_set.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  try {
    for (const auto& recording : parse_maestro_table({reinterpret_cast<const char*>(data), size}, "maestro.json")) {
      if (!(recording.duration_sec > 0)) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
