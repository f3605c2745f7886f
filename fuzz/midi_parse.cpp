// Any bytes as a MIDI file: an error or notes, which can then be written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "score/midi_reader.h"
#include "score/midi_writer.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  MidiFile file;
  try {
    file = parse_midi(std::as_bytes(std::span(data, size)));
  } catch (const Error&) {
    return 0;
  }
  try {
    const std::string bytes = serialize_midi(file);
    if (parse_midi(std::as_bytes(std::span(bytes))) != file) std::abort();
  } catch (const Error&) {
    // Time counted in SMPTE frames is read but not written.
  }
  for (const MidiNoteOptions& options : {MidiNoteOptions{}, general_midi_options()}) {
    try {
      const MidiNotes found = read_notes(file, options);
      read_parts(file, options);
      serialize_midi(notes_to_midi(found.notes));
      serialize_midi(notes_to_midi(found.notes, {.as_reference = true}));
    } catch (const Error&) {
    }
  }
  return 0;
}
