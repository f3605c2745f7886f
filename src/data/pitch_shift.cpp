#include "data/pitch_shift.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr int kWindow = 512;
constexpr int kHop = 128;
// As the reference: only the ratio of this to what `from` is rounded down to matters.
constexpr int kNominalRate = 4000;
constexpr double kZeros = 6;
constexpr double kRollOff = 0.99;
constexpr double kPi = 3.141592653589793;

/// How much faster the stretched sound is.
double speed_of(int semitones) {
  return std::exp2(-semitones / 12.0);
}

/// A frame of a spectrum as sizes and directions, which are numbers of size 1.
struct Frame {
  explicit Frame(std::size_t n_bins) : re(n_bins), im(n_bins), size(n_bins) {}

  /// Frames after the last one are silent, and the phase of silence is 0.
  void read(std::span<const std::complex<float>> spectrum, std::size_t frame) {
    const std::size_t n_bins = size.size();
    if ((frame + 1) * n_bins > spectrum.size()) {
      std::fill(re.begin(), re.end(), 1.f);
      std::fill(im.begin(), im.end(), 0.f);
      std::fill(size.begin(), size.end(), 0.f);
      return;
    }
    const std::complex<float>* bins = spectrum.data() + frame * n_bins;
    for (std::size_t bin = 0; bin < n_bins; ++bin) {
      const float x = bins[bin].real();
      const float y = bins[bin].imag();
      const float length = std::sqrt(x * x + y * y);
      const float silent = length > 0 ? 0.f : 1.f;
      size[bin] = length;
      re[bin] = (x + silent) / (length + silent);
      im[bin] = y / (length + silent);
    }
  }

  std::vector<float> re, im, size;
};

}  // namespace

PitchShifter::PitchShifter(int low, int high) : low_(low), stft_(kWindow, kHop) {
  if (low < -12 || high > 12 || low > high) {
    fail(ErrorCode::kInvalidArgument, "pitch shift from {} to {} semitones, expected a range within -12 to 12", low,
         high);
  }
  for (int semitones = low; semitones <= high; ++semitones) interpolations_.push_back(make_interpolation(semitones));
}

PitchShifter::Interpolation PitchShifter::make_interpolation(int semitones) {
  Interpolation by;
  const int rate = static_cast<int>(kNominalRate / speed_of(semitones));
  const int divisor = std::gcd(rate, kNominalRate);
  by.from = static_cast<std::size_t>(rate / divisor);
  by.to = static_cast<std::size_t>(kNominalRate / divisor);
  const auto from = static_cast<double>(by.from);
  const auto to = static_cast<double>(by.to);
  const double cutoff = std::min(from, to) * kRollOff;  // Zero crossings of the sinc in `from` samples.
  const double reach = kZeros * from / cutoff;
  by.taps = static_cast<std::size_t>(std::floor(2 * reach)) + 1;
  for (std::size_t place = 0; place < by.to; ++place) {
    const double centre = static_cast<double>(place) * from / to;
    const int first = static_cast<int>(std::ceil(centre - reach));
    by.first.push_back(first);
    for (std::size_t tap = 0; tap < by.taps; ++tap) {
      const double t = (static_cast<double>(first) + static_cast<double>(tap) - centre) / from * cutoff;
      if (std::abs(t) >= kZeros) {
        by.weights.push_back(0);
        continue;
      }
      const double window = std::cos(kPi * t / kZeros / 2);
      const double sinc = t == 0 ? 1 : std::sin(kPi * t) / (kPi * t);
      by.weights.push_back(static_cast<float>(sinc * window * window * cutoff / from));
    }
  }
  return by;
}

std::vector<float> PitchShifter::stretch(std::span<const float> samples, double speed) const {
  const std::size_t n_bins = stft_.n_bins();
  const auto spectrum = stft_.forward(samples);
  const std::size_t n_frames = spectrum.size() / n_bins;
  Frame here(n_bins), next(n_bins);
  here.read(spectrum, 0);
  next.read(spectrum, 1);
  // Phases advance by the difference between neighbouring frames. The reference wraps it around the expected advance,
  // which changes whole turns only: products of unit numbers say the same without trigonometry.
  auto re = here.re;
  auto im = here.im;
  const auto n_stretched = static_cast<std::size_t>(std::ceil(static_cast<double>(n_frames) / speed));
  std::vector<std::complex<float>> stretched(n_stretched * n_bins);
  std::size_t at = 0;
  for (std::size_t j = 0; j < n_stretched; ++j) {
    const double position = static_cast<double>(j) * speed;
    const auto frame = static_cast<std::size_t>(position);
    for (; at < frame; ++at) {
      std::swap(here, next);
      next.read(spectrum, at + 2);
    }
    const auto share = static_cast<float>(position - static_cast<double>(frame));
    std::complex<float>* out = stretched.data() + j * n_bins;
    for (std::size_t bin = 0; bin < n_bins; ++bin) {
      const float size = here.size[bin] + share * (next.size[bin] - here.size[bin]);
      out[bin] = {size * re[bin], size * im[bin]};
      const float turn_re = next.re[bin] * here.re[bin] + next.im[bin] * here.im[bin];
      const float turn_im = next.im[bin] * here.re[bin] - next.re[bin] * here.im[bin];
      const float turned_re = re[bin] * turn_re - im[bin] * turn_im;
      im[bin] = re[bin] * turn_im + im[bin] * turn_re;
      re[bin] = turned_re;
    }
  }
  return stft_.inverse(stretched, static_cast<std::size_t>(std::lround(static_cast<double>(samples.size()) / speed)));
}

std::vector<float> PitchShifter::interpolate(std::span<const float> samples, const Interpolation& by,
                                             std::size_t length) {
  // Silence around the samples, so that no tap has to be checked.
  const std::size_t before = by.taps;
  std::vector<float> padded(samples.size() + 2 * by.taps + by.from);
  std::copy(samples.begin(), samples.end(), padded.begin() + static_cast<std::ptrdiff_t>(before));
  const std::size_t available = (samples.size() * by.to + by.from - 1) / by.from;
  std::vector<float> result(length);
  for (std::size_t n = 0; n < std::min(length, available); ++n) {
    const std::size_t place = n % by.to;
    const auto first = static_cast<std::ptrdiff_t>(n / by.to * by.from + before) + by.first[place];
    const float* from = padded.data() + first;
    const float* weights = by.weights.data() + place * by.taps;
    float sum = 0;
    for (std::size_t tap = 0; tap < by.taps; ++tap) sum += weights[tap] * from[tap];
    result[n] = sum;
  }
  return result;
}

std::vector<float> PitchShifter::shift(std::span<const float> samples, int semitones) const {
  const int step = semitones - low_;
  if (semitones == 0) return {samples.begin(), samples.end()};
  if (step < 0 || step >= static_cast<int>(interpolations_.size())) {
    fail(ErrorCode::kInvalidArgument, "a shift by {} semitones was not prepared", semitones);
  }
  const auto stretched = stretch(samples, speed_of(semitones));
  return interpolate(stretched, interpolations_[static_cast<std::size_t>(step)], samples.size());
}

int shifted_pitch(bool is_drum, int pitch, int semitones) {
  const int shifted = pitch + semitones;
  return is_drum || shifted < 0 || shifted > 127 ? pitch : shifted;
}

}  // namespace yourmt3
