#include "audio/resampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "audio/sound_file.h"

namespace yourmt3::testing {
namespace {

std::vector<float> resample(int in_rate, int out_rate, std::span<const float> samples, std::size_t piece = 1 << 20) {
  Resampler resampler(in_rate, out_rate);
  std::vector<float> out;
  for (std::size_t at = 0; at < samples.size(); at += piece) {
    resampler.push(samples.subspan(at, std::min(piece, samples.size() - at)), out);
  }
  resampler.finish(out);
  return out;
}

TEST(Resampler, KeepsFrequencyLevelAndTimeOfASine) {
  for (const int rate : {8000, 11025, 22050, 32000, 44100, 48000, 88200, 96000, 192000}) {
    const double hz = 1000.0;
    const std::vector<float> out = resample(rate, 16000, sine(hz, 0.5, rate, static_cast<std::size_t>(rate) * 2));
    ASSERT_EQ(out.size(), 32000u) << rate;
    // Away from the ends, where the filter sees the silence before and behind.
    const SineFit fit = fit_sine(std::span(out).subspan(1000, 30000), hz, 16000, 1000);
    // Pass band ripple of soxr's HQ is below 0.01 dB = 1.2e-3; its noise is at 20 bits, 1e-6, and that of float32 less.
    EXPECT_NEAR(fit.amplitude, 0.5, 0.5 * 1.2e-3) << rate;
    EXPECT_NEAR(fit.phase, 0.0, 1e-4) << rate << ": a thousandth of a sample is 4e-4";
    EXPECT_LT(fit.residual, 4e-6) << rate;
  }
}

TEST(Resampler, RemovesWhatWouldFoldBack) {
  const std::vector<float> out = resample(48000, 16000, sine(11000.0, 0.5, 48000, 96000));
  float loudest = 0;
  for (std::size_t i = 1000; i + 1000 < out.size(); ++i) loudest = std::max(loudest, std::abs(out[i]));
  EXPECT_LT(loudest, 1e-5);  // 20 bits.
}

TEST(Resampler, GivesAsManySamplesAsTheTimeHolds) {
  for (const int rate : {8000, 11025, 16000, 44100, 192000}) {
    for (const std::size_t n : {0u, 1u, 2u, 3u, 159u, 441u, 44100u, 99991u}) {
      const std::size_t expected =
          (n * std::size_t{16000} + static_cast<std::size_t>(rate) - 1) / static_cast<std::size_t>(rate);
      EXPECT_EQ(resample(rate, 16000, std::vector<float>(n, 0.25f)).size(), expected) << n << " at " << rate;
    }
  }
}

TEST(Resampler, DoesNotDependOnThePieces) {
  const std::vector<float> samples = sine(440.0, 0.5, 44100, 30011);
  const std::vector<float> whole = resample(44100, 16000, samples);
  for (const std::size_t piece : {1u, 7u, 1000u, 4096u})
    EXPECT_EQ(resample(44100, 16000, samples, piece), whole) << piece;
}

TEST(Resampler, LeavesSilenceAndEqualRatesUntouched) {
  EXPECT_THAT(resample(44100, 16000, std::vector<float>(10000, 0.f)), ::testing::Each(0.f));
  const std::vector<float> samples = sine(440.0, 0.5, 16000, 999);
  EXPECT_EQ(resample(16000, 16000, samples, 100), samples);
}

}  // namespace
}  // namespace yourmt3::testing
