#pragma once

#include <optional>
#include <string_view>

namespace yourmt3 {

/// What a track of RWC-Pop's MIDI files plays, told by its name: their programs are those of one synthesizer and say
/// little.
struct RwcTrackRole {
  enum class Kind {
    kProgram,     ///< `program` plays.
    kOwnProgram,  ///< What its program change says, see rwc_own_program().
    kDropped,     ///< Effects and percussion that are not transcribed.
    kUnknown,     ///< No rule knows the name.
  };
  Kind kind = Kind::kUnknown;
  int program = 0;  ///< 0-95, kSingingProgram, kChorusProgram or kDrumProgram.

  friend bool operator==(const RwcTrackRole&, const RwcTrackRole&) = default;
};

/// By key words in the name; upper and lower case are the same. The first rule that holds decides, and a word that a
/// rule excludes beats those that it asks for. Source: TRACK_NAME_FILTERS in preprocess_rwc_pop_full.py of the
/// reference.
RwcTrackRole rwc_track_role(std::string_view name);

/// The General MIDI program that stands for a program of these files.
int rwc_own_program(int program);

}  // namespace yourmt3
