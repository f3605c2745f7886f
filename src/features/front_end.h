#pragma once

#include <memory>
#include <span>
#include <vector>

#include "features/filterbank.h"
#include "model/model_config.h"

namespace yourmt3 {

/// The spectrogram that a network sees of one segment, in any of the codecs of FrontEndConfig.
///
/// All codecs share a centred short-time Fourier transform: periodic Hann window of n_fft samples, n_fft / 2 samples of
/// reflection at both ends, frame t centred on sample t * hop_length, no normalisation.
///   kLinear        y = ln(|X| + 1e-5) of bins 1 .. n_fft / 2,
///   kMel           y = ln(sum of |X|^2 over each band + 1e-5),
///                  both then (y - min) / (max - min + 0.008) over the segment, so that values lie in [0, 1);
///   kLogFrequency  (log10(0.1 * sum of |X|^2 over each band + 1e-5) + 5) / 4, which no other sound in the segment
///   changes.
/// Silence gives zeros in all of them. So does a segment with a sample that is not finite, as in the reference.
///
/// After construction every method is const and may be called from several threads.
class FrontEnd {
 public:
  /// Throws Error(kInvalidArgument) naming the field that is out of range; a segment must be longer than n_fft / 2 for
  /// the reflection.
  explicit FrontEnd(const FrontEndConfig& config);

  /// kMel with the very bands that a model was trained with. Published checkpoints hold them as
  /// `spectrogram.mel_stft.mel_scale.fb`; ours differ in the last bit of some corners. Throws also when `mel_bands` has
  /// other numbers of bins or bands than the configuration, or the codec is another one.
  FrontEnd(const FrontEndConfig& config, Filterbank mel_bands);
  ~FrontEnd();
  FrontEnd(FrontEnd&&) noexcept;
  FrontEnd& operator=(FrontEnd&&) noexcept;

  const FrontEndConfig& config() const;
  int n_frames() const;  ///< T.
  int n_bins() const;    ///< F.

  /// Writes (T, F) row-major from config().segment_samples samples. Throws Error(kInvalidArgument) when a span has
  /// another size.
  void compute(std::span<const float> samples, std::span<float> out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// w[n] = 0.5 - 0.5 cos(2 pi n / size), n = 0 .. size - 1.
std::vector<float> periodic_hann_window(int size);

}  // namespace yourmt3
