#include "features/filterbank.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"

namespace yourmt3 {
namespace {

/// `count` values from `first` to `last` in float32.
/// Source: torch.linspace in its AVX2 form, whose rounding the reference's filter bank inherits: groups of eight count
/// on from a base that is rounded once, in the first half from `first` and in the second from `last`.
std::vector<float> linspace(float first, float last, int count) {
  constexpr int kLanes = 8;
  const float step = (last - first) / static_cast<float>(count - 1);
  const int n_grouped = count / kLanes * kLanes;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const int base = i < n_grouped ? i / kLanes * kLanes : i;
    const float start = base < count / 2 ? std::fma(step, static_cast<float>(base), first)
                                         : std::fma(-step, static_cast<float>(count - 1 - base), last);
    values[static_cast<std::size_t>(i)] = start + step * static_cast<float>(i - base);
  }
  return values;
}

double hz_to_mel(double hz) {
  return 2595.0 * std::log10(1.0 + hz / 700.0);
}

}  // namespace

Filterbank Filterbank::from_matrix(std::span<const float> weights, int n_bins, int n_bands) {
  const std::size_t bins = static_cast<std::size_t>(n_bins);
  const std::size_t n = static_cast<std::size_t>(n_bands);
  YOURMT3_ASSERT(weights.size() == bins * n);
  Filterbank bank(n_bins);
  std::vector<float> band(bins);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < bins; ++k) band[k] = weights[k * n + j];
    bank.add_band(band);
  }
  return bank;
}

void Filterbank::add_band(std::span<const float> weights) {
  YOURMT3_ASSERT(static_cast<int>(weights.size()) == n_bins_);
  const auto is_set = [](float w) { return w != 0.f; };
  const auto first = std::find_if(weights.begin(), weights.end(), is_set);
  auto last = weights.end();
  while (last != first && !is_set(*(last - 1))) --last;
  bands_.push_back({static_cast<int>(first - weights.begin()), static_cast<int>(last - first), weights_.size()});
  weights_.insert(weights_.end(), first, last);
}

float Filterbank::weight(int bin, int band) const {
  const Band& b = bands_.at(static_cast<std::size_t>(band));
  const int i = bin - b.first_bin;
  return i < 0 || i >= b.n_weights ? 0.f : weights_[b.first_weight + static_cast<std::size_t>(i)];
}

void Filterbank::apply(std::span<const float> spectrum, std::span<float> bands) const {
  YOURMT3_ASSERT(static_cast<int>(spectrum.size()) == n_bins_ && bands.size() == bands_.size());
  for (std::size_t j = 0; j < bands_.size(); ++j) {
    const Band& band = bands_[j];
    const float* x = spectrum.data() + band.first_bin;
    const float* w = weights_.data() + band.first_weight;
    float sum = 0.f;
    for (int k = 0; k < band.n_weights; ++k) sum += x[k] * w[k];
    bands[j] = sum;
  }
}

Filterbank mel_filterbank(int sample_rate, int n_fft, int n_mels, float f_min, float f_max) {
  const int n_bins = n_fft / 2 + 1;
  const std::vector<float> bin_hz = linspace(0.f, static_cast<float>(sample_rate / 2), n_bins);
  std::vector<float> corner =
      linspace(static_cast<float>(hz_to_mel(f_min)), static_cast<float>(hz_to_mel(f_max)), n_mels + 2);
  for (float& c : corner) c = 700.f * (std::pow(10.f, c / 2595.f) - 1.f);

  Filterbank bank(n_bins);
  std::vector<float> weights(static_cast<std::size_t>(n_bins));
  for (std::size_t j = 0; j < static_cast<std::size_t>(n_mels); ++j) {
    const float rise = corner[j + 1] - corner[j];
    const float fall = corner[j + 2] - corner[j + 1];
    for (std::size_t k = 0; k < weights.size(); ++k) {
      weights[k] = std::max(0.f, std::min(-(corner[j] - bin_hz[k]) / rise, (corner[j + 2] - bin_hz[k]) / fall));
    }
    bank.add_band(weights);
  }
  return bank;
}

Filterbank log_frequency_filterbank(int sample_rate, int n_fft, int bins_per_semitone, int pitch_min, int pitch_max) {
  const int n_bins = n_fft / 2 + 1;
  const double bin_width = static_cast<double>(sample_rate) / n_fft;
  const double to_next = std::exp2(1.0 / (12.0 * bins_per_semitone)) - 1.0;

  Filterbank bank(n_bins);
  std::vector<float> weights(static_cast<std::size_t>(n_bins));
  for (int j = 0; j < (pitch_max - pitch_min) * bins_per_semitone; ++j) {
    const double pitch = pitch_min + static_cast<double>(j) / bins_per_semitone;
    const double centre = 440.0 * std::exp2((pitch - 69.0) / 12.0);
    const double half = std::max(centre * to_next, bin_width);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const double distance = std::abs(static_cast<double>(k) * bin_width - centre);
      weights[k] = static_cast<float>(std::max(0.0, 1.0 - distance / half));
    }
    bank.add_band(weights);
  }
  return bank;
}

}  // namespace yourmt3
