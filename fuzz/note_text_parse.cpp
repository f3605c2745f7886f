// Any text as notes in JSON and CSV.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "score/note_text.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::vector<Note> notes = notes_from_json(text);
    if (notes_from_json(notes_to_json(notes)) != notes) std::abort();
  } catch (const Error&) {
  }
  try {
    const std::vector<Note> notes = notes_from_csv(text);
    if (notes_from_csv(notes_to_csv(notes)) != notes) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
