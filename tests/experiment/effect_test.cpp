#include "experiment/effect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/sound_effects.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

/// A second of two tones, 200 and 3000 Hz, with a pause in the middle.
std::vector<float> sound() {
  std::vector<float> samples(16000);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i > 6000 && i < 9000) continue;
    const double t = static_cast<double>(i) / 16000;
    samples[i] = static_cast<float>(0.4 * std::sin(2 * 3.14159265358979 * 200 * t) +
                                    0.1 * std::sin(2 * 3.14159265358979 * 3000 * t));
  }
  return samples;
}

/// Level of a tone in the first third, by correlation.
double level(const std::vector<float>& samples, double hz) {
  double re = 0, im = 0;
  for (std::size_t i = 0; i < 4800; ++i) {
    const double angle = 2 * 3.14159265358979 * hz * static_cast<double>(i) / 16000;
    re += static_cast<double>(samples[i]) * std::cos(angle);
    im += static_cast<double>(samples[i]) * std::sin(angle);
  }
  return std::hypot(re, im) / 2400;
}

std::vector<float> with(Effect effect, double strength, std::uint64_t seed = 1) {
  std::vector<float> samples = sound();
  apply_effect(samples, effect, strength, seed);
  return samples;
}

TEST(Effect, EveryOneKeepsThePeakButLoudness) {
  const double peak = peak_of(sound());
  for (const char* name : {"compress", "reverb", "codec", "low_pass", "high_pass", "clip", "noise"}) {
    const Effect effect = effect_from_name(name);
    EXPECT_STREQ(name_of(effect), name);
    const bool filter = effect == Effect::kLowPass || effect == Effect::kHighPass;
    const double strength = filter ? 500 : effect == Effect::kCodec ? -6 : 10;
    const auto changed = with(effect, strength);
    EXPECT_EQ(changed.size(), sound().size()) << name;
    EXPECT_NE(changed, sound()) << name;
    EXPECT_NEAR(peak_of(changed), peak, 1e-5) << name;
  }
  EXPECT_NEAR(peak_of(with(Effect::kLoudness, -40)), 0.01, 1e-6);
}

TEST(Effect, FiltersTakeAwayTheirSide) {
  const auto ratio = [](const std::vector<float>& samples) { return level(samples, 3000) / level(samples, 200); };
  EXPECT_LT(ratio(with(Effect::kLowPass, 1000)), 0.05 * ratio(sound()));
  EXPECT_GT(ratio(with(Effect::kHighPass, 1000)), 20 * ratio(sound()));
}

TEST(Effect, StrongerChangesMore) {
  const auto distance = [](Effect effect, double strength) {
    const auto changed = with(effect, strength), before = sound();
    double sum = 0;
    for (std::size_t i = 0; i < changed.size(); ++i) sum += std::pow(static_cast<double>(changed[i] - before[i]), 2);
    return sum;
  };
  EXPECT_LT(distance(Effect::kReverb, -18), distance(Effect::kReverb, 0));
  EXPECT_LT(distance(Effect::kNoise, -40), distance(Effect::kNoise, -10));
  EXPECT_LT(distance(Effect::kCompress, 2), distance(Effect::kCompress, 20));
  EXPECT_LT(distance(Effect::kClip, 3), distance(Effect::kClip, 18));
}

TEST(Effect, EqualSeedsGiveEqualRoomsAndNoise) {
  for (const Effect effect : {Effect::kReverb, Effect::kNoise}) {
    EXPECT_EQ(with(effect, -10, 3), with(effect, -10, 3));
    EXPECT_NE(with(effect, -10, 3), with(effect, -10, 4));
  }
}

TEST(Effect, RefusesUnknownNamesAndLevelsOutOfRange) {
  try {
    effect_from_name("echo");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("reverb"));
  }
  EXPECT_THROW(check(EffectSweep{Effect::kLowPass, {}}), Error);
  EXPECT_THROW(check(EffectSweep{Effect::kLowPass, {1000, 9000}}), Error);
  EXPECT_THROW(check(EffectSweep{Effect::kLoudness, {std::nan("")}}), Error);
  check(EffectSweep{Effect::kLowPass, {1000, 4000}});
}

}  // namespace
}  // namespace yourmt3
