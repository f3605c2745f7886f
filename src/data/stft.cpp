#include "data/stft.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/fail.h"

namespace yourmt3 {
namespace {

static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>), "KissFFT is built for float");

struct FreePlan {
  void operator()(kiss_fftr_cfg plan) const { kiss_fftr_free(plan); }
};
using Plan = std::unique_ptr<kiss_fftr_state, FreePlan>;

/// A plan holds scratch memory, so that each call has its own; making one takes some 10 us.
Plan make_plan(std::size_t size, bool inverse) {
  Plan plan(kiss_fftr_alloc(static_cast<int>(size), inverse ? 1 : 0, nullptr, nullptr));
  if (!plan) fail(ErrorCode::kOutOfMemory, "no memory for a Fourier transform of {} samples", size);
  return plan;
}

}  // namespace

Stft::Stft(int size, int hop) : hop_(static_cast<std::size_t>(hop)), window_(static_cast<std::size_t>(size)) {
  if (size < 2 || size % 2 != 0 || hop < 1 || hop > size / 2 || size % hop != 0) {
    fail(ErrorCode::kInvalidArgument, "a transform of {} samples with hop {}", size, hop);
  }
  for (int n = 0; n < size; ++n) {
    window_[static_cast<std::size_t>(n)] = static_cast<float>(0.5 - 0.5 * std::cos(6.283185307179586 * n / size));
  }
}

std::vector<std::complex<float>> Stft::forward(std::span<const float> samples) const {
  const std::size_t size = window_.size();
  const std::size_t half = size / 2;
  if (samples.size() <= half) {
    fail(ErrorCode::kInvalidArgument, "{} samples for a transform of {}", samples.size(), size);
  }
  std::vector<float> padded(samples.size() + size);
  std::copy(samples.begin(), samples.end(), padded.begin() + static_cast<std::ptrdiff_t>(half));
  for (std::size_t k = 1; k <= half; ++k) {
    padded[half - k] = samples[k];
    padded[half + samples.size() - 1 + k] = samples[samples.size() - 1 - k];
  }
  const auto plan = make_plan(size, false);
  const std::size_t n_frames = samples.size() / hop_ + 1;
  std::vector<std::complex<float>> spectrum(n_frames * n_bins());
  std::vector<float> frame(size);
  for (std::size_t f = 0; f < n_frames; ++f) {
    const float* first = padded.data() + f * hop_;
    for (std::size_t n = 0; n < size; ++n) frame[n] = first[n] * window_[n];
    kiss_fftr(plan.get(), frame.data(), reinterpret_cast<kiss_fft_cpx*>(spectrum.data() + f * n_bins()));
  }
  return spectrum;
}

std::vector<float> Stft::inverse(std::span<const std::complex<float>> spectrum, std::size_t length) const {
  const std::size_t size = window_.size();
  const std::size_t n_frames = spectrum.size() / n_bins();
  const auto plan = make_plan(size, true);
  const std::size_t total = n_frames == 0 ? 0 : (n_frames - 1) * hop_ + size;
  std::vector<float> sum(total);
  std::vector<float> weight(total);
  std::vector<float> frame(size);
  for (std::size_t f = 0; f < n_frames; ++f) {
    kiss_fftri(plan.get(), reinterpret_cast<const kiss_fft_cpx*>(spectrum.data() + f * n_bins()), frame.data());
    for (std::size_t n = 0; n < size; ++n) {
      sum[f * hop_ + n] += window_[n] * frame[n];
      weight[f * hop_ + n] += window_[n] * window_[n];
    }
  }
  std::vector<float> samples(length);
  const std::size_t first = size / 2;
  const float scale = 1 / static_cast<float>(size);  // KissFFT does not divide.
  for (std::size_t n = 0; n < length && first + n < total; ++n) {
    const float divisor = weight[first + n];
    if (divisor > 1e-11f) samples[n] = scale * sum[first + n] / divisor;
  }
  return samples;
}

}  // namespace yourmt3
