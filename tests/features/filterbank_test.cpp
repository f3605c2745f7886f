#include "features/filterbank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace yourmt3 {
namespace {

TEST(Filterbank, AgreesWithTheDenseProduct) {
  constexpr int kBins = 37, kBands = 11;
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(-1.f, 1.f);
  std::vector<std::vector<float>> dense(kBands, std::vector<float>(kBins));
  Filterbank bank(kBins);
  for (int j = 0; j < kBands; ++j) {
    // Runs of every length, an empty band, and a hole inside a band.
    for (int k = j; k < std::min(kBins, 4 * j); ++k) dense[j][k] = k == 2 * j ? 0.f : uniform(random);
    bank.add_band(dense[j]);
  }
  std::vector<float> spectrum(kBins), bands(kBands, NAN);
  for (float& v : spectrum) v = uniform(random);
  bank.apply(spectrum, bands);

  ASSERT_EQ(bank.n_bands(), kBands);
  for (int j = 0; j < kBands; ++j) {
    double expected = 0;
    for (int k = 0; k < kBins; ++k) {
      EXPECT_EQ(bank.weight(k, j), dense[j][k]) << "bin " << k << ", band " << j;
      expected += double{spectrum[k]} * dense[j][k];
    }
    EXPECT_NEAR(bands[j], expected, 37 * 6e-8) << "band " << j;  // n * eps / 2, terms below 1.
  }
}

TEST(MelFilterbank, NeighbouringBandsSumToOneBetweenTheOuterCentres) {
  const Filterbank bank = mel_filterbank(16000, 2048, 40, 50.f, 8000.f);
  const auto mel = [](double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); };
  const auto corner = [&](int i) {
    const double m = mel(50) + (mel(8000) - mel(50)) * i / 41.0;
    return 700.0 * (std::pow(10.0, m / 2595.0) - 1.0);
  };
  int n_inside = 0;
  for (int k = 0; k <= 1024; ++k) {
    const double hz = k * 16000.0 / 2048.0;
    double sum = 0;
    for (int j = 0; j < bank.n_bands(); ++j) sum += bank.weight(k, j);
    if (hz > corner(1) && hz < corner(40)) {
      // Corners are rounded to float32: up to 5e-4 Hz, in bands at least 40 Hz wide, twice.
      EXPECT_NEAR(sum, 1.0, 2.5e-5) << hz << " Hz";
      ++n_inside;
    } else if (hz <= 50.0) {
      EXPECT_EQ(sum, 0.0) << hz << " Hz";
    }
  }
  EXPECT_GT(n_inside, 900);
}

TEST(LogFrequencyFilterbank, PeaksAtThePitchesOfItsGrid) {
  const Filterbank bank = log_frequency_filterbank(16000, 2048, 3, 21, 119);
  EXPECT_EQ(bank.n_bands(), (119 - 21) * 3);
  EXPECT_EQ(bank.n_bins(), 1025);
  for (int j = 0; j < bank.n_bands(); ++j) {
    const double centre = 440.0 * std::exp2((21 + j / 3.0 - 69.0) / 12.0);
    const int nearest = static_cast<int>(std::lround(centre / 7.8125));
    for (int k = 0; k < bank.n_bins(); ++k) {
      EXPECT_GE(bank.weight(k, j), 0.f);
      EXPECT_LE(bank.weight(k, j), bank.weight(nearest, j)) << "band " << j << ", bin " << k;
    }
    EXPECT_GE(bank.weight(nearest, j), 0.5f) << "band " << j << ": at least one bin lies within half a triangle";
  }
}

TEST(LogFrequencyFilterbank, BandsAreAsWideAsTheirNeighboursAreFarAndNoNarrowerThanABin) {
  const Filterbank bank = log_frequency_filterbank(16000, 2048, 3, 21, 119);
  const auto touched = [&](int band) {
    int n = 0;
    for (int k = 0; k < bank.n_bins(); ++k) n += bank.weight(k, band) > 0.f;
    return n;
  };
  EXPECT_LE(touched(0), 2) << "27.5 Hz: two bins at most within 7.8 Hz on either side";
  // 7751 Hz, a third of a semitone is 150.7 Hz: 301 Hz of 7.8 Hz bins.
  EXPECT_NEAR(touched(293), 2 * 150.7 / 7.8125, 1.0);
}

}  // namespace
}  // namespace yourmt3
