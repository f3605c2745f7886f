#include "data/pitch_shift.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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
  auto spectrum = stft_.forward(samples);
  const std::size_t n_frames = spectrum.size() / n_bins;
  // Two frames of silence after the last one, whose phase is 0.
  std::vector<std::complex<float>> directions(spectrum.size() + 2 * n_bins, 1.f);
  std::vector<float> sizes(directions.size());
  for (std::size_t i = 0; i < spectrum.size(); ++i) {
    const float re = spectrum[i].real();
    const float im = spectrum[i].imag();
    const float size = std::sqrt(re * re + im * im);
    sizes[i] = size;
    if (size > 0) directions[i] = {re / size, im / size};
  }
  // Phases advance by the difference between neighbouring frames. The reference wraps it around the expected advance,
  // which changes whole turns only: products of unit numbers say the same without trigonometry.
  const auto n_stretched = static_cast<std::size_t>(std::ceil(static_cast<double>(n_frames) / speed));
  std::vector<std::complex<float>> stretched(n_stretched * n_bins);
  std::vector<std::complex<float>> phase(directions.begin(), directions.begin() + static_cast<std::ptrdiff_t>(n_bins));
  for (std::size_t j = 0; j < n_stretched; ++j) {
    const double position = static_cast<double>(j) * speed;
    const auto frame = std::min(static_cast<std::size_t>(position), n_frames);
    const auto share = static_cast<float>(position - static_cast<double>(frame));
    const std::size_t here = frame * n_bins;
    const std::size_t next = here + n_bins;
    for (std::size_t bin = 0; bin < n_bins; ++bin) {
      const float size = share * sizes[next + bin] + (1 - share) * sizes[here + bin];
      const float re = phase[bin].real();
      const float im = phase[bin].imag();
      stretched[j * n_bins + bin] = {size * re, size * im};
      const auto a = directions[here + bin];
      const auto b = directions[next + bin];
      const float turn_re = b.real() * a.real() + b.imag() * a.imag();
      const float turn_im = b.imag() * a.real() - b.real() * a.imag();
      phase[bin] = {re * turn_re - im * turn_im, re * turn_im + im * turn_re};
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
