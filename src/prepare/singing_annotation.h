#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// What was sung in one recording.
struct SungNotes {
  std::vector<Note> notes;
  std::string fault;  ///< What is wrong with them, or empty.
};

/// The annotations of many recordings in one JSON object, as MIR-ST500 and CMedia have them, by number:
/// {"17": [[onset, offset, pitch], ...], ...} in seconds and MIDI pitches. `name` stands for the text in messages.
///
/// `lengthen_short` is the reference's correction of CMedia: a note shorter than 10 ms of recordings 1 to 100 lasts
/// until the next one where that begins less than 0.5 s after it.
///
/// Throws Error(kMalformed) for text that is no such object; what is wrong with single recordings is their `fault`.
std::map<int, SungNotes> parse_singing_annotation(std::string_view text, const std::string& name, bool lengthen_short);

}  // namespace yourmt3
