// Any text as a line of a data set's index, and as the notes of a track with two stems and of a mix.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <vector>

#include "data/store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto track = parse_index_line(text);
    if (track.notes_file.empty() || track.notes_file.front() == '/') std::abort();
  } catch (const std::exception&) {
  }
  try {
    const std::vector<StemInfo> stems = {{0, "a", 1}, {kDrumProgram, "b", 1}};
    for (const auto& notes : parse_stem_notes(text, stems)) {
      for (const auto& note : notes) {
        if (note.pitch < 0 || note.pitch > 127) std::abort();
      }
    }
  } catch (const std::exception&) {
  }
  try {
    const std::vector<StemInfo> mix = {{kUnannotatedProgram, "a", 1, {0, kDrumProgram}}};
    const auto notes = parse_stem_notes(text, mix);
    for (const auto& note : notes.at(0)) {
      if (note.program != 0 && !note.is_drum) std::abort();
    }
  } catch (const std::exception&) {
  }
  return 0;
}
