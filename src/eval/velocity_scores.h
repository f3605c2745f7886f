#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "eval/note_matching.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Pairs of match_notes() whose velocities agree too: those of the reference are stretched to [0, 1] by their least and
/// greatest, those of the estimate are laid on them by the straight line of least squares over all pairs, and what then
/// is less than `tolerance` apart stays. One velocity for each note, in MIDI's 0-127.
/// Source: mir_eval.transcription_velocity.match_notes.
std::vector<std::pair<int, int>> match_notes_with_velocity(std::span<const SoundingPitch> reference,
                                                           std::span<const int> reference_velocity,
                                                           std::span<const SoundingPitch> estimate,
                                                           std::span<const int> estimate_velocity,
                                                           const MatchOptions& options = {}, double tolerance = 0.1);

/// True when the pitched notes have two velocities above 1: 0 and 1 tell nothing of loudness.
bool velocities_vary(std::span<const Note> notes);

struct VelocityScores {
  MatchScore onset_offset;  ///< Pitched notes of any program: pitch, onset, offset and velocity.
  MatchScore no_offset;     ///< The same without offsets.
};

/// None unless velocities vary on both sides. Notes are made ready by scorable_notes(). Throws Error(kInvalidArgument)
/// for negative times.
std::optional<VelocityScores> score_velocities(std::span<const Note> reference, std::span<const Note> estimate,
                                               const MatchOptions& options = {});

}  // namespace yourmt3
