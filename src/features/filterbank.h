#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace yourmt3 {

/// Weighted sums over neighbouring bins of a spectrum. Each band stores only the run of bins that it touches.
class Filterbank {
 public:
  explicit Filterbank(int n_bins) : n_bins_(n_bins) {}

  /// From (n_bins, n_bands) weights row-major, as model files store them.
  static Filterbank from_matrix(std::span<const float> weights, int n_bins, int n_bands);

  /// Appends a band with the given weights for all n_bins() bins; zeros at both ends are dropped.
  void add_band(std::span<const float> weights);

  int n_bins() const { return n_bins_; }
  int n_bands() const { return static_cast<int>(bands_.size()); }

  /// Weight of `bin` in `band`.
  float weight(int bin, int band) const;

  /// bands[j] = sum over k of spectrum[k] * weight(k, j). Takes n_bins() values and writes n_bands().
  void apply(std::span<const float> spectrum, std::span<float> bands) const;

 private:
  struct Band {
    int first_bin = 0;
    int n_weights = 0;
    std::size_t first_weight = 0;
  };

  int n_bins_;
  std::vector<Band> bands_;
  std::vector<float> weights_;
};

/// Triangles whose corners are equally spaced on the HTK mel scale between `f_min` and `f_max` Hz, without
/// normalisation of their area, for the n_fft / 2 + 1 bins of a real transform.
///
/// Computed in float32 throughout, as the reference does: bands are narrower than the distance of two bins, so that the
/// rounding of their corners shows in the spectrogram.
Filterbank mel_filterbank(int sample_rate, int n_fft, int n_mels, float f_min, float f_max);

/// Triangles centred on a grid of `bins_per_semitone` steps per semitone from MIDI pitch `pitch_min` up to, but
/// without, `pitch_max`. A band reaches to its neighbours' centres, and at least to the next bin of the transform.
Filterbank log_frequency_filterbank(int sample_rate, int n_fft, int bins_per_semitone, int pitch_min, int pitch_max);

}  // namespace yourmt3
