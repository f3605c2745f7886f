#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// What became of the notes of a transcription. Each note is in one kind; those above `missed` pair a note of the
/// reference with one of the estimate, the others stand alone.
enum class NoteOutcome {
  kCorrect,          ///< Pitch, onset within 50 ms and instrument class.
  kWrongInstrument,  ///< Pitch and onset alone.
  kMoved,            ///< Pitch, and an onset 50 to 200 ms away.
  kOctave,           ///< Onset, and a pitch 12, 19 or 24 semitones away: an octave or a strong overtone.
  kNearPitch,        ///< Onset, and a pitch one or two semitones away.
  kMissed,           ///< Of the reference: nothing of the above was heard.
  kRepeated,         ///< Of the estimate: begins anew within a note of its pitch.
  kInvented,         ///< Of the estimate: nothing like it is there.
};
inline constexpr int kNoteOutcomes = 8;
const char* name_of(NoteOutcome outcome);

/// Numbers of notes by outcome.
struct NoteErrors {
  long counts[kNoteOutcomes] = {};

  long operator[](NoteOutcome outcome) const { return counts[static_cast<int>(outcome)]; }
  NoteErrors& operator+=(const NoteErrors& other);
  long n_reference() const;
  /// Share of the reference's notes that were heard at their pitch and onset, by whatever instrument; NaN without any.
  double found() const;
  /// counts / notes of the reference; 0 without any.
  double rate(NoteOutcome outcome) const;
};

/// What became of the notes of each class, and of all.
struct NoteOutcomes {
  NoteErrors all;
  std::map<std::string, NoteErrors> by_class;  ///< Of notes of the reference, so that nothing is repeated or invented.
};

/// Pairs are taken kind by kind in the order above, and within one by how close the onsets are. Drums pair with drums
/// alone; theirs is no octave or near pitch. Programs of no class are a class each.
NoteOutcomes count_outcomes(std::span<const Note> reference, std::span<const Note> estimate,
                            const ProgramVocabulary& classes);

}  // namespace yourmt3
