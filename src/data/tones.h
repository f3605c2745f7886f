#pragma once

#include <cstdint>
#include <vector>

#include "data/song.h"

namespace yourmt3 {

/// A synthesizer that needs no sound font: one waveform and envelope for each General MIDI program, decaying or
/// sustained as the instrument is, and drums of sines and filtered noise.
struct ToneOptions {
  int sample_rate = 16000;  ///< Hz, 8000-96000.
  double tail_sec = 0;      ///< Sound kept after the end of the song.
  std::uint64_t seed = 0;   ///< Other than 0: spectrum, envelope and tuning (by 8 cents) of each part are varied.
  double tuning_cents = 0;
};

/// Mono samples of every part, each lround((song.seconds + tail_sec) * sample_rate) long; about 0.1 for one loud note.
///
/// The same notes always give the same samples. Notes sound from the sample at their onset and fade out within 0.3 s of
/// their offset; drums ring for as long as they do. No partial lies above half the sample rate, so that the highest
/// notes may be silent. Takes about a millisecond for a second of a busy part. Throws Error(kInvalidArgument) for
/// a rate or length out of range (up to a day).
std::vector<std::vector<float>> render_tones(const Song& song, const ToneOptions& options = {});

/// The same for one part of a song of `seconds`; of a song, part i is varied by `stream` i.
std::vector<float> render_tones(const Part& part, double seconds, const ToneOptions& options = {},
                                std::uint64_t stream = 0);

}  // namespace yourmt3
