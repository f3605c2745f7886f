#include "data/production.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "data/pitch_shift.h"
#include "data/sound_effects.h"
#include "data/stft.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

constexpr std::size_t kLength = 32767;
constexpr double kTwoPi = 6.283185307179586;

std::vector<float> tone(double hz, double level = 0.5, std::size_t length = kLength) {
  std::vector<float> samples(length);
  for (std::size_t n = 0; n < length; ++n) {
    samples[n] = static_cast<float>(level * std::sin(kTwoPi * hz * static_cast<double>(n) / 16000));
  }
  return samples;
}

/// Short bursts of a decaying chord, as plucked strings are.
std::vector<float> plucks(const std::vector<std::size_t>& onsets) {
  std::vector<float> samples(kLength);
  for (const std::size_t onset : onsets) {
    for (std::size_t n = onset; n < kLength; ++n) {
      const double t = static_cast<double>(n - onset) / 16000;
      for (const double hz : {220.0, 554.4, 1318.5, 2637.0}) {
        samples[n] += static_cast<float>(0.2 * std::exp(-t / 0.08) * std::sin(kTwoPi * hz * t));
      }
    }
  }
  return samples;
}

/// Root mean square of what a sine of that frequency shares with the samples; 1 / sqrt 2 for itself at level 1.
double level_at(const std::vector<float>& samples, double hz, std::size_t from = 2000) {
  double re = 0, im = 0;
  for (std::size_t n = from; n < samples.size() - 2000; ++n) {
    re += samples[n] * std::cos(kTwoPi * hz * static_cast<double>(n) / 16000);
    im += samples[n] * std::sin(kTwoPi * hz * static_cast<double>(n) / 16000);
  }
  return std::sqrt(2 * (re * re + im * im)) / static_cast<double>(samples.size() - 2000 - from);
}

double db(double ratio) {
  return 20 * std::log10(ratio);
}

/// How much louder each 2 ms are than those before.
std::vector<double> onset_strength(const std::vector<float>& samples) {
  constexpr std::size_t kBlock = 32;
  std::vector<double> strength;
  double before = 0;
  for (std::size_t first = 0; first + kBlock <= samples.size(); first += kBlock) {
    const double now = root_mean_square(std::span(samples).subspan(first, kBlock));
    strength.push_back(std::max(0.0, now - before));
    before = now;
  }
  return strength;
}

/// The shift in blocks of 2 ms at which the onsets of `after` resemble those of `before` most.
int lag_of(const std::vector<float>& before, const std::vector<float>& after) {
  constexpr int kMost = 10;
  const auto a = onset_strength(before), b = onset_strength(after);
  double best = -1;
  int lag = 0;
  for (int shift = -kMost; shift <= kMost; ++shift) {
    double sum = 0;
    for (int n = kMost; n + kMost < static_cast<int>(a.size()); ++n) {
      sum += a[static_cast<std::size_t>(n)] * b[static_cast<std::size_t>(n + shift)];
    }
    if (sum > best) {
      best = sum;
      lag = shift;
    }
  }
  return lag;
}

ProductionOptions everything() {
  ProductionOptions options;
  options.equalise = options.reverb = options.compress = options.clip = options.noise = options.band_limit =
      options.codec = options.loudness = 1;
  return options;
}

TEST(Stft, InvertsItself) {
  Random random(3);
  for (const int hop : {64, 128, 256}) {
    const Stft stft(512, hop);
    for (const std::size_t length : {257u, 1000u, 8192u}) {
      std::vector<float> samples(length);
      for (float& sample : samples) sample = static_cast<float>(random.uniform(-1, 1));
      const auto back = stft.inverse(stft.forward(samples), length);
      // The last samples lie where one window alone has begun to fall, and are divided by its small weight.
      const std::size_t covered = length / static_cast<std::size_t>(hop) * static_cast<std::size_t>(hop);
      for (std::size_t n = 0; n < covered; ++n) ASSERT_NEAR(back[n], samples[n], 1e-5) << hop << ' ' << length;
    }
  }
  EXPECT_THROW(Stft(512, 128).forward(std::vector<float>(256)), Error);
  EXPECT_THROW(Stft(512, 512), Error);
}

TEST(PitchShifter, MovesTonesByTheirSteps) {
  const PitchShifter shifter(-12, 12);
  for (const int semitones : {-12, -5, -2, -1, 1, 2, 7, 12}) {
    const double expected = 440 * std::exp2(semitones / 12.0);
    const auto shifted = shifter.shift(tone(440), semitones);
    ASSERT_EQ(shifted.size(), kLength);
    // As in the reference, the neighbouring bins of a partial keep the phases that they had in the reflected first
    // frame, which costs it up to 6 dB.
    EXPECT_GT(level_at(shifted, expected), 0.5 * 0.5 / std::sqrt(2)) << semitones;
    for (const double cents : {-40.0, -20.0, 20.0, 40.0}) {
      EXPECT_GT(level_at(shifted, expected), 3 * level_at(shifted, expected * std::exp2(cents / 1200))) << semitones;
    }
  }
}

TEST(PitchShifter, KeepsTimes) {
  const std::vector<std::size_t> onsets = {3000, 12000, 20000, 27000};
  const auto before = plucks(onsets);
  const PitchShifter shifter(-2, 2);
  for (const int semitones : {-2, -1, 1, 2}) {
    const auto after = shifter.shift(before, semitones);
    for (const std::size_t onset : onsets) {
      // The burst's energy doubles within 10 ms of its onset; a window of 32 ms smears it a little ahead.
      const auto energy = [&](std::size_t from) {
        double sum = 0;
        for (std::size_t n = from; n < from + 160; ++n) sum += static_cast<double>(after[n]) * after[n];
        return sum;
      };
      EXPECT_GT(energy(onset + 160), 4 * energy(onset - 400)) << semitones;
    }
  }
}

TEST(PitchShifter, LeavesTheRestAlone) {
  const PitchShifter shifter(-1, 2);
  EXPECT_EQ(shifter.shift(tone(440), 0), tone(440));
  EXPECT_THROW(shifter.shift(tone(440), -2), Error);
  EXPECT_THROW(shifter.shift(tone(440), 3), Error);
  EXPECT_THROW(PitchShifter(2, 1), Error);
  EXPECT_THROW(PitchShifter(-13, 1), Error);
  for (const float sample : shifter.shift(std::vector<float>(1000), 2)) EXPECT_EQ(sample, 0.f);
  EXPECT_EQ(shifted_pitch(false, 126, 2), 126);
  EXPECT_EQ(shifted_pitch(false, 1, -1), 0);
  EXPECT_EQ(shifted_pitch(true, 38, 2), 38);
}

TEST(SoundEffects, FiltersHaveTheirGains) {
  struct Case {
    Biquad filter;
    double hz;
    double gain_db;
    double tolerance;
  };
  for (const auto& [filter, hz, gain_db, tolerance] :
       {Case{Biquad::peak(1000, 1, 6), 1000, 6, 0.05}, Case{Biquad::peak(1000, 2, -9), 50, 0, 0.1},
        Case{Biquad::low_shelf(300, 8), 20, 8, 0.2}, Case{Biquad::low_shelf(300, 8), 4000, 0, 0.1},
        Case{Biquad::high_shelf(3000, -8), 7900, -8, 0.3}, Case{Biquad::high_shelf(3000, -8), 100, 0, 0.1},
        Case{Biquad::low_pass(3000), 3000, -3.01, 0.1}, Case{Biquad::low_pass(3000), 100, 0, 0.1},
        Case{Biquad::high_pass(300), 300, -3.01, 0.1}, Case{Biquad::high_pass(300), 30, -40, 1.0}}) {
    auto samples = tone(hz);
    filter.apply(samples);
    EXPECT_NEAR(db(level_at(samples, hz, 8000) / level_at(tone(hz), hz, 8000)), gain_db, tolerance) << hz;
  }
}

TEST(SoundEffects, ReverberationFollowsTheDirectSound) {
  std::vector<float> impulse(16000);
  impulse[1000] = 1;
  const auto dry = impulse;
  Random random(1);
  reverberate(impulse, {0.5, -6, 0.7}, random);
  for (std::size_t n = 0; n < 1060; ++n) EXPECT_EQ(impulse[n], dry[n]) << n;
  const auto energy = [&](std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t n = from; n < to; ++n) sum += static_cast<double>(impulse[n]) * impulse[n];
    return sum;
  };
  EXPECT_NEAR(db(std::sqrt(energy(1060, 16000))), -6, 0.1);
  // 60 dB in half a second are 24 dB in 0.2 s, and a little more with damping of high frequencies.
  const double lost = db(std::sqrt(energy(2600, 4200) / energy(5800, 7400)));
  EXPECT_GT(lost, 18);
  EXPECT_LT(lost, 40);
}

TEST(SoundEffects, CompressionFollowsItsCurve) {
  const auto level_after = [](double level_db, const Compression& compression) {
    auto samples = tone(1000, from_db(level_db));
    samples[0] = 1;  // The peak, to which the threshold is relative.
    compress(samples, compression);
    return db(level_at(samples, 1000, 16000) * std::sqrt(2));
  };
  const Compression compression{-20, 4, 6, 0.001, 0.2};
  EXPECT_NEAR(level_after(-40, compression), -40, 0.1);
  // 14 dB above the threshold become 3.5; the detector rides 1 to 2 dB below the peaks of a sine.
  EXPECT_NEAR(level_after(-6, compression), -16.5, 1.5);
  auto silence = std::vector<float>(100);
  compress(silence, compression);
  EXPECT_EQ(silence, std::vector<float>(100));
}

TEST(SoundEffects, ClippingKeepsThePeak) {
  for (const bool hard : {true, false}) {
    auto samples = tone(1000, 0.5);
    clip(samples, 6, hard);
    EXPECT_NEAR(peak_of(samples), 0.5, 1e-3);
    EXPECT_GT(level_at(samples, 3000), 0.01) << "a clipped sine has a third harmonic";
  }
}

TEST(SoundEffects, NoiseHasItsLevelAndColour) {
  const auto noise = [](NoiseColour colour) {
    std::vector<float> samples(kLength);
    Random random(7);
    add_noise(samples, colour, 0.05, random);
    EXPECT_NEAR(root_mean_square(samples), 0.05, 1e-4);
    return samples;
  };
  const auto band = [](std::vector<float> samples, double low, double high) {
    for (int i = 0; i < 2; ++i) {
      Biquad::high_pass(low).apply(samples);
      Biquad::low_pass(high).apply(samples);
    }
    return root_mean_square(samples);
  };
  // White noise has four times the energy in an octave two octaves up, pink the same.
  const auto white = noise(NoiseColour::kWhite), pink = noise(NoiseColour::kPink), hum = noise(NoiseColour::kHum);
  EXPECT_NEAR(db(band(white, 2000, 4000) / band(white, 500, 1000)), 6, 1);
  EXPECT_NEAR(db(band(pink, 2000, 4000) / band(pink, 500, 1000)), 0, 1.5);
  EXPECT_GT(level_at(hum, 50) + level_at(hum, 60), 0.02);
  EXPECT_LT(band(hum, 1000, 7000), 0.002);
}

TEST(SoundEffects, CodecsLoseHighAndQuietSounds) {
  auto samples = tone(500, 0.5);
  const auto quiet = tone(560, 0.01), high = tone(7000, 0.5);
  for (std::size_t n = 0; n < kLength; ++n) samples[n] += quiet[n] + high[n];
  lose_as_codec(samples, {5000, -12});
  EXPECT_NEAR(db(level_at(samples, 500) / level_at(tone(500, 0.5), 500)), 0, 1);
  EXPECT_LT(level_at(samples, 7000), 0.001);
  std::vector<float> little(200, 0.5f);
  lose_as_codec(little, {5000, -12});
  EXPECT_EQ(little, std::vector<float>(200, 0.5f));
}

TEST(Production, IsOffByDefault) {
  const auto before = plucks({1000, 9000});
  auto samples = before;
  Random random(1), untouched(1);
  produce(samples, {}, random);
  EXPECT_EQ(samples, before);
  EXPECT_EQ(random.bits(), untouched.bits());
}

TEST(Production, IsTheSameForTheSameNumbers) {
  auto a = plucks({1000, 9000}), b = a, c = a;
  Random first(5), second(5), third(6);
  produce(a, everything(), first);
  produce(b, everything(), second);
  produce(c, everything(), third);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

TEST(Production, MovesNoOnset) {
  const auto before = plucks({1500, 9000, 17000, 25000});
  const std::vector<std::function<void(ProductionOptions&)>> effects = {
      [](auto& o) { o.equalise = 1; }, [](auto& o) { o.reverb = 1; },  [](auto& o) { o.compress = 1; },
      [](auto& o) { o.clip = 1; },     [](auto& o) { o.noise = 1; },   [](auto& o) { o.band_limit = 1; },
      [](auto& o) { o.codec = 1; },    [](auto& o) { o.loudness = 1; }};
  for (std::size_t e = 0; e < effects.size(); ++e) {
    ProductionOptions options;
    effects[e](options);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      auto after = before;
      Random random(seed);
      produce(after, options, random);
      ASSERT_EQ(after.size(), before.size());
      EXPECT_NE(after, before) << "effect " << e;
      // 2 ms are a fifth of the grid that notes are written on.
      EXPECT_LE(std::abs(lag_of(before, after)), 1) << "effect " << e << ", seed " << seed;
    }
  }
}

TEST(Production, KeepsThePeakOrDrawsIt) {
  auto options = everything();
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    auto samples = plucks({1000, 9000});
    const float before = peak_of(samples);
    options.loudness = 0;
    Random random(seed);
    produce(samples, options, random);
    EXPECT_NEAR(peak_of(samples), before, 1e-5);
    options.loudness = 1;
    options.loudness_db = {-12, -6};
    produce(samples, options, random);
    EXPECT_GE(peak_of(samples), 0.251f);
    EXPECT_LE(peak_of(samples), 0.502f);
  }
}

TEST(Production, StaysFiniteForSilence) {
  for (const bool noise : {false, true}) {
    std::vector<float> samples(kLength);
    auto options = everything();
    options.noise = noise ? 1 : 0;
    Random random(2);
    produce(samples, options, random);
    for (const float sample : samples) ASSERT_TRUE(std::isfinite(sample) && std::abs(sample) <= 1);
    EXPECT_EQ(root_mean_square(samples) > 0, noise);
  }
}

TEST(Production, RefusesWhatIsOutOfRange) {
  EXPECT_NO_THROW(check(everything()));
  const auto message = [](const std::function<void(ProductionOptions&)>& change) -> std::string {
    ProductionOptions options;
    change(options);
    try {
      check(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(message([](auto& o) { o.codec = 1.5; }), HasSubstr("codec"));
  EXPECT_THAT(message([](auto& o) { o.noise = std::nan(""); }), HasSubstr("noise"));
  EXPECT_THAT(message([](auto& o) { o.reverb_sec = {1, 0.5}; }), HasSubstr("reverb_sec"));
  EXPECT_THAT(message([](auto& o) { o.band_high_hz = {3000, 9000}; }), HasSubstr("band_high_hz"));
  EXPECT_THAT(message([](auto& o) { o.loudness_db = {-3, 3}; }), HasSubstr("loudness_db"));
}

}  // namespace
}  // namespace yourmt3
