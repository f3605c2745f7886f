#include "experiment/effect.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"
#include "data/sound_effects.h"

namespace yourmt3 {
namespace {

struct Description {
  Effect effect;
  const char* name;
  const char* unit;
  double lowest, highest;  // Levels.
};

constexpr std::array kEffects = {
    Description{Effect::kCompress, "compress", "ratio", 1, 1000},
    Description{Effect::kReverb, "reverb", "dB", -80, 40},
    Description{Effect::kCodec, "codec", "dB", -80, 0},
    Description{Effect::kLowPass, "low_pass", "Hz", 20, 7900},
    Description{Effect::kHighPass, "high_pass", "Hz", 5, 7900},
    Description{Effect::kClip, "clip", "dB", 0, 60},
    Description{Effect::kNoise, "noise", "dB", -120, 40},
    Description{Effect::kLoudness, "loudness", "dB", -120, 0},
};

const Description& describe(Effect effect) {
  return kEffects[static_cast<std::size_t>(effect)];
}

void scale_to_peak(std::vector<float>& samples, double peak) {
  const float now = peak_of(samples);
  if (now <= 0) return;
  const auto gain = static_cast<float>(peak / now);
  for (float& sample : samples) sample *= gain;
}

}  // namespace

const char* name_of(Effect effect) {
  return describe(effect).name;
}

const char* unit_of(Effect effect) {
  return describe(effect).unit;
}

Effect effect_from_name(const std::string& name) {
  std::string known;
  for (const Description& one : kEffects) {
    if (name == one.name) return one.effect;
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  fail(ErrorCode::kInvalidArgument, "there is no effect '{}', expected one of {}", name, known);
}

void check(const EffectSweep& sweep) {
  const Description& one = describe(sweep.effect);
  if (sweep.levels.empty()) fail(ErrorCode::kInvalidArgument, "the effect '{}' has no 'levels'", one.name);
  for (const double level : sweep.levels) {
    if (!(level >= one.lowest && level <= one.highest)) {
      fail(ErrorCode::kInvalidArgument, "the effect '{}' at {} {}, expected {} to {}", one.name, level, one.unit,
           one.lowest, one.highest);
    }
  }
}

void apply_effect(std::vector<float>& samples, Effect effect, double level, std::uint64_t seed) {
  const double peak = peak_of(samples);
  Random random(seed, static_cast<std::uint64_t>(effect));
  switch (effect) {
    case Effect::kCompress:
      compress(samples, {.threshold_db = -30, .ratio = level});
      break;
    case Effect::kReverb:
      reverberate(samples, {.decay_sec = 0.8, .level_db = level}, random);
      break;
    case Effect::kCodec:
      lose_as_codec(samples, {.bandwidth_hz = 7000, .coarseness_db = level});
      break;
    case Effect::kLowPass:
      for (int section = 0; section < 2; ++section) Biquad::low_pass(level).apply(samples);
      break;
    case Effect::kHighPass:
      for (int section = 0; section < 2; ++section) Biquad::high_pass(level).apply(samples);
      break;
    case Effect::kClip:
      clip(samples, level, true);
      break;
    case Effect::kNoise:
      add_noise(samples, NoiseColour::kPink, root_mean_square(samples) * from_db(level), random);
      break;
    case Effect::kLoudness:
      return scale_to_peak(samples, from_db(level));
  }
  scale_to_peak(samples, peak);
}

}  // namespace yourmt3
