#pragma once

#include <span>
#include <string>
#include <vector>

#include "eval/multipitch.h"
#include "eval/note_matching.h"
#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// What mir_eval.transcription.evaluate gives, from the same matchings: equal to rounding.
struct TranscriptionScores {
  MatchScore onset_offset;       ///< Pitch, onset and offset.
  double overlap = 0;            ///< average_overlap_ratio() of those pairs.
  MatchScore no_offset;          ///< Pitch and onset.
  double overlap_no_offset = 0;  ///< Of those pairs.
  MatchScore onset;              ///< Onsets alone, whatever the pitch.
  MatchScore offset;             ///< Offsets alone, whatever the pitch.
};

/// Needs an offset ratio. Empty sides score 0. Throws Error(kInvalidArgument) as match_notes() does.
TranscriptionScores score_transcription(std::span<const SoundingPitch> reference,
                                        std::span<const SoundingPitch> estimate, const MatchOptions& options = {});

/// Which pitches sound at 0, hop, 2 hop ... before `end_sec`: each from its onset until before its offset, once however
/// many notes play it, ascending. Throws Error(kInvalidArgument) for a hop below 1 ms, an end after more than a day,
/// and pitches beyond 0-127.
PitchFrames pitch_frames(std::span<const Note> notes, double hop_sec, double end_sec);

/// One instrument, or "all".
struct TrackScores {
  std::string name;
  TranscriptionScores notes;
  MultipitchScore multipitch;  ///< What mir_eval.multipitch.evaluate gives for frames of kMultipitchHopSec.
  MultipitchScore chroma;      ///< With octaves folded.
};

/// Frames begin at 0 and end with the last note of either side.
inline constexpr double kMultipitchHopSec = 0.01;

/// The pitched notes as "all", then the instruments of `classes` that have notes on either side, programs of no class
/// one by one as "Prg. N", and "Drums" by their keys; drums last 10 ms. Notes are made ready by scorable_notes() and
/// matched in its order. Throws Error(kInvalidArgument) for negative times and for notes after more than a day.
std::vector<TrackScores> score_tracks(std::span<const Note> reference, std::span<const Note> estimate,
                                      const ProgramVocabulary& classes, const MatchOptions& options = {});

/// An object by track with the names of mir_eval: "transcription" (Precision, Average_Overlap_Ratio, ...) and
/// "multipitch" (Accuracy, Chroma Recall, ...), and how many notes each side has.
std::string to_json(std::span<const TrackScores> tracks);

}  // namespace yourmt3
