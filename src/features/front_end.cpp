#include "features/front_end.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>
#include <optional>

#include "core/fail.h"

namespace yourmt3 {
namespace {

using Codec = FrontEndConfig::Codec;

constexpr float kLogFloor = 1e-5f;      // Added before the logarithm.
constexpr float kRangeMargin = 0.008f;  // Added to max - min; keeps silence at zero.
constexpr int kMaxTransform = 1 << 20;  // Bounds what a hostile model file can make us allocate.
constexpr int kMaxSegment = 1 << 28;

void check(const FrontEndConfig& c) {
  const auto require = [](bool valid, const char* field, auto found, const char* expected) {
    if (!valid) fail(ErrorCode::kInvalidArgument, "front_end.{} is {}, expected {}", field, found, expected);
  };
  require(c.sample_rate > 0, "sample_rate", c.sample_rate, "a positive number of Hz");
  require(c.n_fft >= 4 && c.n_fft <= kMaxTransform && c.n_fft % 2 == 0, "n_fft", c.n_fft,
          "an even number between 4 and 1048576");
  require(c.hop_length > 0, "hop_length", c.hop_length, "a positive number of samples");
  require(c.segment_samples > c.n_fft / 2 && c.segment_samples <= kMaxSegment, "segment_samples", c.segment_samples,
          "more than half of n_fft, because the ends are extended by reflection");
  if (c.codec == Codec::kMel) {
    require(c.n_mels > 0 && c.n_mels <= kMaxTransform, "n_mels", c.n_mels, "a positive number of bands");
    require(c.f_min >= 0.f && c.f_min < c.f_max, "f_min", c.f_min, "at least 0 Hz and less than f_max");
    require(c.f_max <= static_cast<float>(c.sample_rate) / 2, "f_max", c.f_max, "at most half the sample rate");
  }
  if (c.codec == Codec::kLogFrequency) {
    require(c.bins_per_semitone > 0 && c.bins_per_semitone <= 100, "bins_per_semitone", c.bins_per_semitone,
            "1 to 100");
    require(c.pitch_min >= 0 && c.pitch_min < c.pitch_max, "pitch_min", c.pitch_min, "at least 0 and below pitch_max");
    const double top = c.pitch_max - 1.0 / c.bins_per_semitone;
    require(440.0 * std::exp2((top - 69.0) / 12.0) < c.sample_rate / 2.0, "pitch_max", c.pitch_max,
            "a pitch whose frequency is below half the sample rate");
  }
}

std::optional<Filterbank> make_bank(const FrontEndConfig& c) {
  switch (c.codec) {
    case Codec::kLinear:
      return std::nullopt;
    case Codec::kMel:
      return mel_filterbank(c.sample_rate, c.n_fft, c.n_mels, c.f_min, c.f_max);
    case Codec::kLogFrequency:
      return log_frequency_filterbank(c.sample_rate, c.n_fft, c.bins_per_semitone, c.pitch_min, c.pitch_max);
  }
  fail(ErrorCode::kInvalidArgument, "front_end.codec is {}, which is no known codec", static_cast<int>(c.codec));
}

/// Moves the values of a segment into [0, 1).
void normalise_range(std::span<float> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const float offset = *low;
  const float range = *high - *low + kRangeMargin;
  for (float& v : values) v = (v - offset) / range;
}

struct FreePlan {
  void operator()(kiss_fftr_cfg plan) const { kiss_fftr_free(plan); }
};

/// What one running transform needs: KissFFT's plan holds scratch memory, so that two threads cannot share it.
struct Workspace {
  std::unique_ptr<kiss_fftr_state, FreePlan> plan;
  std::vector<float> padded;           // The segment with its reflections.
  std::vector<float> frame;            // n_fft windowed samples.
  std::vector<kiss_fft_cpx> spectrum;  // n_fft / 2 + 1 bins.
  std::vector<float> power;            // Their |X|^2.

  explicit Workspace(const FrontEndConfig& c)
      : plan(kiss_fftr_alloc(c.n_fft, 0, nullptr, nullptr)),
        padded(static_cast<std::size_t>(c.segment_samples) + static_cast<std::size_t>(c.n_fft)),
        frame(static_cast<std::size_t>(c.n_fft)),
        spectrum(static_cast<std::size_t>(c.n_fft) / 2 + 1),
        power(spectrum.size()) {
    if (!plan) fail(ErrorCode::kOutOfMemory, "no memory for a Fourier transform of {} samples", c.n_fft);
  }
};

}  // namespace

struct FrontEnd::Impl {
  FrontEndConfig config;
  std::vector<float> window;
  std::optional<Filterbank> bank;  // None for kLinear.

  std::mutex mutex;
  std::vector<std::unique_ptr<Workspace>> idle;

  Impl(const FrontEndConfig& c, std::optional<Filterbank> b)
      : config(c), window(periodic_hann_window(c.n_fft)), bank(std::move(b)) {}

  int n_bins() const { return bank ? bank->n_bands() : config.n_fft / 2; }

  std::unique_ptr<Workspace> borrow() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        std::unique_ptr<Workspace> workspace = std::move(idle.back());
        idle.pop_back();
        return workspace;
      }
    }
    return std::make_unique<Workspace>(config);
  }

  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(workspace));
  }

  void pad(std::span<const float> samples, std::span<float> padded) const {
    const std::size_t half = static_cast<std::size_t>(config.n_fft) / 2;
    std::copy(samples.begin(), samples.end(), padded.begin() + static_cast<std::ptrdiff_t>(half));
    for (std::size_t k = 1; k <= half; ++k) {
      padded[half - k] = samples[k];
      padded[half + samples.size() - 1 + k] = samples[samples.size() - 1 - k];
    }
  }

  void power_of_frame(std::span<const float> padded, std::size_t frame, Workspace& w) const {
    const float* first = padded.data() + frame * static_cast<std::size_t>(config.hop_length);
    for (std::size_t n = 0; n < w.frame.size(); ++n) w.frame[n] = first[n] * window[n];
    kiss_fftr(w.plan.get(), w.frame.data(), w.spectrum.data());
    for (std::size_t k = 0; k < w.power.size(); ++k) {
      w.power[k] = w.spectrum[k].r * w.spectrum[k].r + w.spectrum[k].i * w.spectrum[k].i;
    }
  }

  /// One row of the result, before the normalisation over the segment. False when it holds a value that is not finite.
  bool write_row(std::span<const float> power, std::span<float> row) const {
    bool finite = true;
    const auto note_finite = [&finite](float v) { finite &= v <= std::numeric_limits<float>::max(); };
    switch (config.codec) {
      case Codec::kLinear:
        for (std::size_t k = 0; k < row.size(); ++k) {
          row[k] = std::log(std::sqrt(power[k + 1]) + kLogFloor);
          note_finite(row[k]);
        }
        break;
      case Codec::kMel:
        bank->apply(power, row);
        for (float& v : row) {
          v = std::log(v + kLogFloor);
          note_finite(v);
        }
        break;
      case Codec::kLogFrequency:
        bank->apply(power, row);
        for (float& v : row) {
          // (log10(0.1 v + 1e-5) + 5) / 4 in a form whose zero is exact.
          v = std::log1p(1e4f * v) * static_cast<float>(0.25 / std::numbers::ln10);
          note_finite(v);
        }
        break;
    }
    return finite;
  }
};

FrontEnd::FrontEnd(const FrontEndConfig& config) {
  check(config);
  impl_ = std::make_unique<Impl>(config, make_bank(config));
}

FrontEnd::FrontEnd(const FrontEndConfig& config, Filterbank mel_bands) {
  check(config);
  if (config.codec != Codec::kMel) fail(ErrorCode::kInvalidArgument, "front_end: mel bands for a codec without them");
  if (mel_bands.n_bins() != config.n_fft / 2 + 1 || mel_bands.n_bands() != config.n_mels) {
    fail(ErrorCode::kInvalidArgument, "front_end: filter bank of {} bins x {} bands, expected {} x {}",
         mel_bands.n_bins(), mel_bands.n_bands(), config.n_fft / 2 + 1, config.n_mels);
  }
  impl_ = std::make_unique<Impl>(config, std::move(mel_bands));
}

FrontEnd::~FrontEnd() = default;
FrontEnd::FrontEnd(FrontEnd&&) noexcept = default;
FrontEnd& FrontEnd::operator=(FrontEnd&&) noexcept = default;

const FrontEndConfig& FrontEnd::config() const {
  return impl_->config;
}
int FrontEnd::n_frames() const {
  return impl_->config.n_frames();
}
int FrontEnd::n_bins() const {
  return impl_->n_bins();
}

void FrontEnd::compute(std::span<const float> samples, std::span<float> out) const {
  const std::size_t n_samples = static_cast<std::size_t>(impl_->config.segment_samples);
  const std::size_t frames = static_cast<std::size_t>(n_frames());
  const std::size_t bins = static_cast<std::size_t>(n_bins());
  if (samples.size() != n_samples) {
    fail(ErrorCode::kInvalidArgument, "segment has {} samples, expected {}", samples.size(), n_samples);
  }
  if (out.size() != frames * bins) {
    fail(ErrorCode::kInvalidArgument, "room for {} spectrogram values, expected {} frames x {} bins", out.size(),
         frames, bins);
  }

  std::unique_ptr<Workspace> workspace = impl_->borrow();
  impl_->pad(samples, workspace->padded);
  bool finite = true;
  for (std::size_t t = 0; t < frames; ++t) {
    impl_->power_of_frame(workspace->padded, t, *workspace);
    finite &= impl_->write_row(workspace->power, out.subspan(t * bins, bins));
  }
  impl_->give_back(std::move(workspace));

  if (!finite) {
    // As the reference: its extremes become NaN with one value that is NaN or infinite, and NaN becomes 0 at the end.
    std::fill(out.begin(), out.end(), 0.f);
  } else if (impl_->config.codec != Codec::kLogFrequency) {
    normalise_range(out);
  }
}

std::vector<float> periodic_hann_window(int size) {
  // As the reference: the angle is rounded to float32, which moves some values by 1e-7.
  const float step = static_cast<float>(2.0 * std::numbers::pi / size);
  std::vector<float> window(static_cast<std::size_t>(size));
  for (int n = 0; n < size; ++n) {
    window[static_cast<std::size_t>(n)] = 0.5f - 0.5f * std::cos(static_cast<float>(n) * step);
  }
  return window;
}

}  // namespace yourmt3
