#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Notes as one JSON object: "format" ("yourmt3-notes"), "version" (1) and "notes", an array of objects with onset_sec,
/// offset_sec, pitch, program, is_drum, velocity, for readers, instrument and, where a note has one, confidence. Times
/// are exact. `further_members` is put before the notes: JSON text such as "\"tempo\": 96, ", each member with its
/// comma.
std::string notes_to_json(std::span<const Note> notes,
                          const ProgramVocabulary& instruments = program_vocabulary("gm_ext_plus"),
                          std::string_view further_members = {});

/// Reads what notes_to_json() writes. velocity, is_drum and confidence may be absent (1, program == kDrumProgram, and
/// none), other members are ignored. Throws Error(kMalformed) with the place.
std::vector<Note> notes_from_json(std::string_view text);

/// Notes as comma-separated values with the heading onset_sec,offset_sec,pitch,program,is_drum,velocity,instrument and,
/// where any note has one, confidence. Times are exact; is_drum is 0 or 1.
std::string notes_to_csv(std::span<const Note> notes,
                         const ProgramVocabulary& instruments = program_vocabulary("gm_ext_plus"));

/// Reads what notes_to_csv() writes. The heading tells the columns: any order, others are ignored; velocity, is_drum
/// and confidence may be absent. Throws Error(kMalformed) with the line.
std::vector<Note> notes_from_csv(std::string_view text);

}  // namespace yourmt3
