// Any notes as scores and as MIDI and JSON with beats: an error, or files that end. A score has what XML needs.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "notation/music_analysis.h"
#include "notation/musicxml.h"
#include "score/midi_file.h"
#include "yourmt3/error.h"

namespace {

using namespace yourmt3;

constexpr std::size_t kTitleBytes = 8, kNoteBytes = 8;

/// Times in hundredths of a second within 41 s, and now and then one that nobody can write.
Note note_of(const std::uint8_t* bytes) {
  constexpr std::array kNoTimes = {-0.01, 100001., 1e300, std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::quiet_NaN()};
  std::uint16_t onset, length;
  std::memcpy(&onset, bytes, 2);
  std::memcpy(&length, bytes + 2, 2);
  Note note;
  note.onset_sec = onset >= 0xFFF0 ? kNoTimes[onset % kNoTimes.size()] : (onset % 4096) / 100.;
  note.offset_sec = note.onset_sec + (length % (length % 2 == 0 ? 128 : 1024)) / 100.;
  note.pitch = static_cast<std::int8_t>(bytes[4]);
  note.program = bytes[5] % 132;
  note.is_drum = note.program == kDrumProgram || bytes[7] % 8 == 1;
  note.velocity = bytes[6];
  return note;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostNotes = 100;
  if (size < kTitleBytes) return 0;
  const std::string title(reinterpret_cast<const char*>(data), kTitleBytes);
  std::vector<Note> notes;
  for (std::size_t at = kTitleBytes; at + kNoteBytes <= size && notes.size() < kMostNotes; at += kNoteBytes) {
    notes.push_back(note_of(data + at));
  }
  try {
    const std::string score = notes_to_musicxml(notes, title);
    if (!score.starts_with("<?xml") || score.find('\0') != std::string::npos) std::abort();
    if (!compress_musicxml(score).starts_with("PK")) std::abort();
  } catch (const Error&) {
  }
  try {
    const std::string bytes = serialize_midi(notes_to_midi_with_beats(notes));
    parse_midi(std::as_bytes(std::span(bytes)));
  } catch (const Error&) {
  }
  try {
    notes_to_json_with_beats(notes);
  } catch (const Error&) {
  }
  return 0;
}
