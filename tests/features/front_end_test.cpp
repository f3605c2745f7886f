#include "features/front_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <random>
#include <thread>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using Codec = FrontEndConfig::Codec;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Lt;

FrontEndConfig config_of(Codec codec, int hop_length = 300) {
  FrontEndConfig config;
  config.codec = codec;
  config.hop_length = hop_length;
  return config;
}

FrontEndConfig small_config(Codec codec) {
  FrontEndConfig config;
  config.codec = codec;
  config.segment_samples = 700;
  config.n_fft = 256;
  config.hop_length = 90;
  config.n_mels = 20;
  config.bins_per_semitone = 2;
  config.pitch_min = 60;
  config.pitch_max = 110;
  return config;
}

std::vector<float> spectrogram(const FrontEnd& front_end, std::span<const float> samples) {
  std::vector<float> out(static_cast<std::size_t>(front_end.n_frames()) * static_cast<std::size_t>(front_end.n_bins()),
                         -1.f);
  front_end.compute(samples, out);
  return out;
}

std::vector<float> sine(const FrontEndConfig& config, double hz, double amplitude = 0.5) {
  std::vector<float> samples(static_cast<std::size_t>(config.segment_samples));
  for (std::size_t n = 0; n < samples.size(); ++n) {
    samples[n] = static_cast<float>(amplitude *
                                    std::sin(2 * std::numbers::pi * hz * static_cast<double>(n) / config.sample_rate));
  }
  return samples;
}

std::vector<float> noise(const FrontEndConfig& config, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  std::vector<float> samples(static_cast<std::size_t>(config.segment_samples));
  for (float& v : samples) v = uniform(random);
  return samples;
}

std::size_t loudest_bin(const FrontEnd& front_end, const std::vector<float>& values, int frame) {
  const auto row = values.begin() + static_cast<std::ptrdiff_t>(frame) * front_end.n_bins();
  return static_cast<std::size_t>(std::max_element(row, row + front_end.n_bins()) - row);
}

class EveryCodec : public ::testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(FrontEnd, EveryCodec, ::testing::Values(Codec::kLinear, Codec::kMel, Codec::kLogFrequency));

TEST_P(EveryCodec, GivesZerosForSilence) {
  const FrontEnd front_end(config_of(GetParam()));
  const std::vector<float> silence(32767, 0.f);
  EXPECT_THAT(spectrogram(front_end, silence), Each(0.f));
}

TEST_P(EveryCodec, GivesZerosForASegmentWithASampleThatIsNotFinite) {
  const FrontEnd front_end(config_of(GetParam()));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 3e38f}) {
    std::vector<float> samples = noise(front_end.config(), 1);
    samples[20000] = bad;
    EXPECT_THAT(spectrogram(front_end, samples), Each(0.f)) << bad;
  }
}

TEST_P(EveryCodec, StaysFiniteAndNonNegative) {
  const FrontEnd front_end(config_of(GetParam()));
  const std::vector<float> values = spectrogram(front_end, noise(front_end.config(), 2));
  // The logarithm of the power of samples below 1 stays below 4; the other codecs are normalised into [0, 1).
  EXPECT_THAT(values, Each(AllOf(Ge(0.f), Lt(GetParam() == Codec::kLogFrequency ? 4.f : 1.f))));
}

TEST_P(EveryCodec, IsTheSameFromSeveralThreads) {
  const FrontEnd front_end(small_config(GetParam()));
  std::vector<std::vector<float>> expected, found(4);
  for (unsigned i = 0; i < found.size(); ++i) {
    expected.push_back(spectrogram(FrontEnd(front_end.config()), noise(front_end.config(), i)));
  }
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < found.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int repeat = 0; repeat < 20; ++repeat) found[i] = spectrogram(front_end, noise(front_end.config(), i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, expected);
}

TEST_P(EveryCodec, RefusesSpansOfAnotherSize) {
  const FrontEnd front_end(small_config(GetParam()));
  std::vector<float> samples(700), out(static_cast<std::size_t>(front_end.n_frames() * front_end.n_bins()));
  EXPECT_NO_THROW(front_end.compute(samples, out));
  EXPECT_THROW(front_end.compute(std::span(samples).first(699), out), Error);
  EXPECT_THROW(front_end.compute(samples, std::span(out).first(out.size() - 1)), Error);
  EXPECT_THROW(front_end.compute({}, out), Error);
}

/// The definition, sample by sample and in float64.
std::vector<double> reference_power(const FrontEndConfig& c, std::span<const float> samples, int frame) {
  std::vector<double> power;
  const int length = static_cast<int>(samples.size());
  for (int k = 0; k <= c.n_fft / 2; ++k) {
    std::complex<double> sum = 0;
    for (int n = 0; n < c.n_fft; ++n) {
      int at = frame * c.hop_length + n - c.n_fft / 2;
      if (at < 0) at = -at;
      if (at >= length) at = 2 * (length - 1) - at;
      const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / c.n_fft);
      sum += window * samples[static_cast<std::size_t>(at)] * std::polar(1.0, -2 * std::numbers::pi * k * n / c.n_fft);
    }
    power.push_back(std::norm(sum));
  }
  return power;
}

TEST(FrontEnd, LinearAgreesWithTheDefinition) {
  const FrontEnd front_end(small_config(Codec::kLinear));
  const FrontEndConfig& c = front_end.config();
  const std::vector<float> samples = noise(c, 3);
  std::vector<double> expected;
  for (int t = 0; t < c.n_frames(); ++t) {
    const std::vector<double> power = reference_power(c, samples, t);
    for (std::size_t k = 1; k < power.size(); ++k) expected.push_back(std::log(std::sqrt(power[k]) + 1e-5));
  }
  const auto [low, high] = std::minmax_element(expected.begin(), expected.end());
  const double offset = *low, range = *high - *low + 0.008;
  const std::vector<float> found = spectrogram(front_end, samples);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    // A bin's rounding is some eps * sqrt(256) of the largest magnitude (about 5); the smallest in this noise is above
    // 1e-2, so that its logarithm moves by 4e-4 at most and by 1e-5 where the magnitude is of order 1.
    EXPECT_NEAR(found[i], (expected[i] - offset) / range, 1e-5) << i;
  }
}

TEST(FrontEnd, LogFrequencyAgreesWithTheDefinition) {
  const FrontEnd front_end(small_config(Codec::kLogFrequency));
  const FrontEndConfig& c = front_end.config();
  const std::vector<float> samples = noise(c, 4);
  const std::vector<float> found = spectrogram(front_end, samples);
  ASSERT_EQ(front_end.n_bins(), (110 - 60) * 2);
  for (int t = 0; t < c.n_frames(); ++t) {
    const std::vector<double> power = reference_power(c, samples, t);
    for (int j = 0; j < front_end.n_bins(); ++j) {
      const double centre = 440.0 * std::exp2((60 + j / 2.0 - 69) / 12.0);
      const double half = std::max(centre * (std::exp2(1.0 / 24) - 1), 16000.0 / 256);
      double band = 0;
      for (int k = 0; k <= 128; ++k) band += power[k] * std::max(0.0, 1 - std::abs(k * 62.5 - centre) / half);
      // Relative rounding of a band below 1e-5, seen through the logarithm to base 10 and the division by 4.
      EXPECT_NEAR(found[static_cast<std::size_t>(t * front_end.n_bins() + j)], (std::log10(0.1 * band + 1e-5) + 5) / 4,
                  2e-6)
          << "frame " << t << ", band " << j;
    }
  }
}

TEST(FrontEnd, LogFrequencyPutsASineIntoTheBandOfItsPitch) {
  const FrontEnd front_end(config_of(Codec::kLogFrequency, 320));
  // Below some 55 Hz a bin is wider than a band, so that neighbours cannot be told apart.
  for (int pitch = 45; pitch < 119; ++pitch) {
    const std::vector<float> samples = sine(front_end.config(), 440.0 * std::exp2((pitch - 69) / 12.0));
    const std::vector<float> values = spectrogram(front_end, samples);
    const double band = static_cast<double>(loudest_bin(front_end, values, front_end.n_frames() / 2));
    const double tolerance = pitch < 72 ? 3.0 : 1.0;  // A semitone of 3 bands is about 15 Hz, two bins, at pitch 59.
    EXPECT_NEAR(band, 3.0 * (pitch - 21), tolerance) << "pitch " << pitch;
  }
}

TEST(FrontEnd, LogFrequencyOfOneMomentIsUntouchedByALoudSoundElsewhere) {
  const FrontEnd front_end(config_of(Codec::kLogFrequency, 320));
  std::vector<float> quiet = sine(front_end.config(), 440.0, 0.01);
  const std::vector<float> alone = spectrogram(front_end, quiet);
  for (std::size_t n = 25000; n < quiet.size(); ++n) quiet[n] *= 90.f;
  const std::vector<float> with_loud = spectrogram(front_end, quiet);
  const std::ptrdiff_t before = (25000 - 1024) / 320 * front_end.n_bins();
  EXPECT_TRUE(std::equal(alone.begin(), alone.begin() + before, with_loud.begin()));
}

TEST(FrontEnd, LinearPutsASineIntoItsBinWithoutBinZero) {
  const FrontEnd front_end(config_of(Codec::kLinear));
  const std::vector<float> values = spectrogram(front_end, sine(front_end.config(), 100 * 7.8125));
  EXPECT_EQ(loudest_bin(front_end, values, 50), 99u);
}

TEST(FrontEnd, LinearIgnoresTheLevelOfTheRecordingWhereTheFloorIsFar) {
  const FrontEnd front_end(small_config(Codec::kLinear));
  std::vector<float> samples = noise(front_end.config(), 5);
  const std::vector<float> loud = spectrogram(front_end, samples);
  for (float& v : samples) v *= 0.5f;
  const std::vector<float> soft = spectrogram(front_end, samples);
  // The floor of 1e-5 changes the smallest magnitudes (about 1e-2) by a thousandth, and with them the range.
  for (std::size_t i = 0; i < loud.size(); ++i) EXPECT_NEAR(loud[i], soft[i], 1e-3) << i;
}

TEST(FrontEnd, HasTheShapesOfThePublishedVariants) {
  const FrontEnd linear(config_of(Codec::kLinear, 300));
  EXPECT_EQ(linear.n_frames(), 110);
  EXPECT_EQ(linear.n_bins(), 1024);
  const FrontEnd mel(config_of(Codec::kMel, 128));
  EXPECT_EQ(mel.n_frames(), 256);
  EXPECT_EQ(mel.n_bins(), 512);
}

TEST(FrontEnd, UsesTheMelBandsThatAModelBrings) {
  const FrontEndConfig config = small_config(Codec::kMel);
  std::vector<float> matrix(129 * 20, 0.f);
  for (std::size_t j = 0; j < 20; ++j) matrix[(3 * j + 5) * 20 + j] = 1.f;  // Band j is bin 3 j + 5.
  const FrontEnd front_end(config, Filterbank::from_matrix(matrix, 129, 20));
  const std::vector<float> values = spectrogram(front_end, sine(config, 62.5 * (3 * 7 + 5)));
  EXPECT_EQ(loudest_bin(front_end, values, 4), 7u);

  EXPECT_THROW(FrontEnd(config, Filterbank::from_matrix(matrix, 20, 129)), Error);
  EXPECT_THROW(FrontEnd(small_config(Codec::kLinear), Filterbank::from_matrix(matrix, 129, 20)), Error);
}

TEST(FrontEnd, AcceptsTheShortestSegmentThatCanBeReflected) {
  FrontEndConfig config = small_config(Codec::kLinear);
  config.segment_samples = config.n_fft / 2 + 1;
  const FrontEnd front_end(config);
  const std::vector<float> values = spectrogram(front_end, noise(config, 6));
  EXPECT_EQ(values.size(), static_cast<std::size_t>(config.n_frames() * 128));
  EXPECT_THAT(values, Each(AllOf(Ge(0.f), Lt(1.f))));
}

TEST(FrontEnd, NamesTheFieldThatIsOutOfRange) {
  struct Case {
    const char* field;
    Codec codec;
    void (*spoil)(FrontEndConfig&);
  };
  const Case cases[] = {
      {"sample_rate", Codec::kLinear, [](FrontEndConfig& c) { c.sample_rate = 0; }},
      {"n_fft", Codec::kLinear, [](FrontEndConfig& c) { c.n_fft = 255; }},
      {"n_fft", Codec::kLinear, [](FrontEndConfig& c) { c.n_fft = 0; }},
      {"n_fft", Codec::kLinear, [](FrontEndConfig& c) { c.n_fft = -256; }},
      {"n_fft", Codec::kLinear, [](FrontEndConfig& c) { c.n_fft = 2'000'000'000; }},
      {"hop_length", Codec::kLinear, [](FrontEndConfig& c) { c.hop_length = 0; }},
      {"segment_samples", Codec::kLinear, [](FrontEndConfig& c) { c.segment_samples = c.n_fft / 2; }},
      {"segment_samples", Codec::kLinear, [](FrontEndConfig& c) { c.segment_samples = -5; }},
      {"n_mels", Codec::kMel, [](FrontEndConfig& c) { c.n_mels = 0; }},
      {"f_min", Codec::kMel, [](FrontEndConfig& c) { c.f_min = c.f_max; }},
      {"f_min", Codec::kMel, [](FrontEndConfig& c) { c.f_min = NAN; }},
      {"f_max", Codec::kMel, [](FrontEndConfig& c) { c.f_max = 8001.f; }},
      {"bins_per_semitone", Codec::kLogFrequency, [](FrontEndConfig& c) { c.bins_per_semitone = 0; }},
      {"pitch_min", Codec::kLogFrequency, [](FrontEndConfig& c) { c.pitch_min = c.pitch_max; }},
      {"pitch_max", Codec::kLogFrequency, [](FrontEndConfig& c) { c.pitch_max = 127; }},
  };
  for (const Case& test : cases) {
    FrontEndConfig config = small_config(test.codec);
    EXPECT_NO_THROW(FrontEnd{config});
    test.spoil(config);
    try {
      const FrontEnd front_end(config);
      ADD_FAILURE() << test.field << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_THAT(error.what(), HasSubstr(std::string("front_end.") + test.field + " is"));
    }
  }
}

TEST(PeriodicHannWindow, IsSymmetricAboutItsMiddleAndSumsToHalfItsSize) {
  const std::vector<float> window = periodic_hann_window(64);
  EXPECT_EQ(window[0], 0.f);
  EXPECT_EQ(window[32], 1.f);
  double sum = 0;
  // Angles up to 2 pi are rounded to 2.4e-7, and the window is half as steep as a cosine.
  for (std::size_t n = 1; n < 64; ++n) EXPECT_NEAR(window[n], window[64 - n], 2.4e-7) << n;
  for (const float w : window) sum += w;
  EXPECT_NEAR(sum, 32.0, 64 * 1.2e-7);
}

}  // namespace
}  // namespace yourmt3
