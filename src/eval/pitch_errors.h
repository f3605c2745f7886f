#pragma once

#include <array>
#include <span>
#include <string_view>

#include "eval/note_pairing.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// What an estimated note that stands for no note of the reference could have been mistaken for. The first that fits,
/// in this order, among the reference notes whose onset is within the tolerance, paired or not.
enum class WrongNote {
  kRepeated,     ///< The same pitch: a second note where there is one.
  kSemitone,     ///< 1 semitone away.
  kOctaveAbove,  ///< 12 semitones above a reference note: its second harmonic.
  kOctaveBelow,  ///< 12 below.
  kTwelfth,      ///< 19 above or below: the third harmonic.
  kTwoOctaves,   ///< 24 above or below: the fourth harmonic.
  kFifth,        ///< 7 above or below.
  kOtherPitch,   ///< Something begins there, at another interval.
  kSounding,     ///< Nothing begins there, but a reference note of that pitch sounds: late, early or cut in two.
  kNothing,      ///< None of these.
};
inline constexpr std::size_t kWrongNoteKinds = 10;

/// "repeated", "semitone", "octave_above", ..., in the order of WrongNote.
std::span<const std::string_view, kWrongNoteKinds> wrong_note_names();

/// Pitched notes of either side that are in no pair, sorted by what is wrong with them.
struct PitchErrors {
  /// Estimated notes, by WrongNote.
  std::array<long, kWrongNoteKinds> n_wrong{};
  /// Those of them whose reference note was not found itself: taken for another instead of heard twice. Where several
  /// reference notes fit, one that was not found is enough. Always 0 for kSounding and kNothing.
  std::array<long, kWrongNoteKinds> n_instead{};
  long n_missed = 0;  ///< Reference notes without a pair.
  /// Those an octave or two above or below a reference note with the same onset that was found: doublings lost.
  long n_missed_doublings = 0;

  long n_false_positives() const;
  /// Part of the false positives; NaN without any.
  double share(WrongNote kind) const;
  PitchErrors& operator+=(const PitchErrors& other);
};

/// `pairs` as pair_notes() gives them for the same notes and tolerance.
PitchErrors pitch_errors(std::span<const Note> reference, std::span<const Note> estimate,
                         std::span<const NotePair> pairs, double onset_tolerance_sec = 0.05);

}  // namespace yourmt3
