#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notation/beat_grid.h"
#include "notation/key_finder.h"
#include "notation/pitch_spelling.h"

namespace yourmt3 {

/// Length of a quarter. A 32nd is 3 of them, a 16th of a triplet 4.
inline constexpr int kQuarterDivisions = 24;

/// The shape of a note or rest.
struct NoteValue {
  int level = 2;  ///< 0 whole, 1 half, 2 quarter, 3 eighth, 4 16th, 5 32nd.
  bool dotted = false;
  bool triplet = false;  ///< Three in the time of two.

  int divisions() const;
};

enum class BeamState { kBegin, kContinue, kEnd, kForwardHook, kBackwardHook };

/// One note of a chord.
struct NoteHead {
  int pitch = 60;          ///< MIDI pitch, or key of the drum kit.
  Spelling spelling = {};  ///< For drums the place on the staff.
  bool tied_from_before = false;
  bool tied_to_next = false;
  std::optional<int> accidental = std::nullopt;  ///< To be shown: -1 flat, 0 natural, 1 sharp.
};

/// A note, a chord, or a rest.
struct VoiceEvent {
  int begin = 0;  ///< From the start of the measure, in divisions.
  int divisions = kQuarterDivisions;
  NoteValue value = {};
  std::vector<NoteHead> heads = {};  ///< Empty for a rest; ascending.
  bool whole_measure = false;        ///< A rest as long as its measure; has no value.
  bool tuplet_start = false;
  bool tuplet_stop = false;
  std::vector<BeamState> beams = {};  ///< From the first beam on.
};

/// A voice in one measure; its events fill the measure without gap.
struct VoiceMeasure {
  int staff = 1;  ///< From 1, the upper one.
  int voice = 1;  ///< 1 and 2 on the first staff, 5 and 6 on the second.
  std::vector<VoiceEvent> events = {};
};

enum class Clef { kTreble, kBass, kAlto, kTrebleOctaveLower, kBassOctaveLower, kPercussion };

struct PartSheet {
  std::string name;
  int program = 0;  ///< As in Note; kDrumProgram for drums.
  std::vector<Clef> staves;
  std::vector<std::vector<VoiceMeasure>> measures;  ///< By measure; the first voice of every staff is there.
};

struct SheetMeasure {
  int beats = 4;
  int divisions = 4 * kQuarterDivisions;
  bool pickup = false;                              ///< An incomplete first measure.
  std::optional<double> tempo_mark = std::nullopt;  ///< Beats a minute, where it begins or changes.
};

/// A score, ready to be written down.
struct SheetMusic {
  std::string title;
  KeySignature key;
  Metre metre;
  std::vector<SheetMeasure> measures;
  std::vector<PartSheet> parts;
};

}  // namespace yourmt3
