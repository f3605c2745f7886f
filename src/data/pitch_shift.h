#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "data/stft.h"

namespace yourmt3 {

/// Shifts sound by semitones without changing its tempo: a phase vocoder stretches, a band-limited interpolation brings
/// the length back. Drums and all else are shifted too. Source: spec of the reference, training, 7.4.
///
/// Const methods may be called from several threads.
class PitchShifter {
 public:
  /// Prepares the steps from `low` to `high` semitones. Throws Error(kInvalidArgument) unless -12 <= low <= high <= 12.
  PitchShifter(int low, int high);

  /// As many samples as there were; their peak may be a little higher. 0 gives them back. Throws
  /// Error(kInvalidArgument) for steps that were not prepared and for fewer than 257 samples.
  std::vector<float> shift(std::span<const float> samples, int semitones) const;

 private:
  /// Interpolation from `from` samples to `to`, with a filter of its own for each of `to` places.
  struct Interpolation {
    std::size_t from = 1;
    std::size_t to = 1;
    std::size_t taps = 0;
    std::vector<float> weights;  ///< (to, taps).
    std::vector<int> first;      ///< Of each place the input sample of its first weight; may be negative.
  };
  static Interpolation make_interpolation(int semitones);
  std::vector<float> stretch(std::span<const float> samples, double speed) const;
  static std::vector<float> interpolate(std::span<const float> samples, const Interpolation& by, std::size_t length);

  int low_;
  Stft stft_;
  std::vector<Interpolation> interpolations_;
};

/// Pitch of a note after a shift: that of drums stays, and so does one that would leave 0 to 127.
int shifted_pitch(bool is_drum, int pitch, int semitones);

}  // namespace yourmt3
