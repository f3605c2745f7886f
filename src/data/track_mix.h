#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "data/store.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Length of the recording of a prepared track, in samples at 16 kHz: of its mix, or else of its longest stem.
std::size_t track_samples(const Store::Track& track);

/// The recording of a prepared track, at most so many samples from its start: its mix as it was distributed, or else
/// the sum of its stems in the balance they were played in, made softer where its peak would exceed 1.
std::vector<float> track_mix(const Store::Track& track,
                             std::size_t max_samples = std::numeric_limits<std::size_t>::max());

/// The notes of all stems in note order, mixed stem by stem as the reference does it (mix_notes()): notes of equal
/// pitch and program in several stems are trimmed against each other. Where one stem has all notes they are as they
/// are.
std::vector<Note> track_notes(const Store::Track& track);

}  // namespace yourmt3
