// Any bytes as a MAT-file.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "prepare/mat_file.h"
#include "yourmt3/error.h"

namespace {

void check(const yourmt3::MatValue& value) {
  std::size_t count = 1;
  for (const std::size_t size : value.size) count *= size;
  if ((value.is_cell ? value.cells.size() : value.numbers.size()) != count) std::abort();
  for (const yourmt3::MatValue& cell : value.cells) check(cell);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    for (const auto& [name, value] : yourmt3::parse_mat(std::as_bytes(std::span(data, size)))) check(value);
  } catch (const yourmt3::Error&) {
  }
  return 0;
}
