// Any text as a table with commas and with blanks, with and without a heading.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "prepare/text_table.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const TextTable::Format format : {TextTable::Format{}, {' ', false}, {'\t', true}}) {
    try {
      const TextTable table(text, "table", format);
      std::size_t bytes = 0;
      for (std::size_t row = 0; row < table.n_rows(); ++row) {
        if (table.n_fields(row) == 0) std::abort();
        for (std::size_t column = 0; column < table.n_fields(row); ++column) bytes += table.text(row, column).size();
        try {
          table.number(row, 0);
        } catch (const Error&) {
        }
        try {
          table.integer(row, table.n_fields(row));  // Beyond the last.
          std::abort();
        } catch (const Error&) {
        }
      }
      if (bytes > size) std::abort();
    } catch (const Error&) {
    }
  }
  return 0;
}
