#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yourmt3 {

/// What recording and production do to a finished mix.
enum class Effect { kCompress, kReverb, kCodec, kLowPass, kHighPass, kClip, kNoise, kLoudness };

/// One effect at rising strengths.
struct EffectSweep {
  Effect effect = Effect::kCompress;
  std::vector<double> levels;
};

/// "compress" (ratio above -30 dB of the peak), "reverb" (dB of the room relative to the sound, which decays in 0.8 s),
/// "codec" (coarseness in dB, 7 kHz bandwidth), "low_pass" and "high_pass" (corner in Hz, two sections), "clip" (dB of
/// drive), "noise" (dB of pink noise relative to the sound), "loudness" (peak in dB of full scale).
const char* name_of(Effect effect);
const char* unit_of(Effect effect);
/// Throws Error(kInvalidArgument) naming all effects.
Effect effect_from_name(const std::string& name);
/// Throws Error(kInvalidArgument) for a level at which the effect is none.
void check(const EffectSweep& sweep);

/// Applies the effect in place, to samples at 16 kHz; onsets stay where they are, and so does the peak, except with
/// kLoudness. Equal seeds give equal rooms and noise.
void apply_effect(std::vector<float>& samples, Effect effect, double level, std::uint64_t seed);

}  // namespace yourmt3
