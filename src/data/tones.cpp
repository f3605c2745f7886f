#include "data/tones.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <span>

#include "core/fail.h"
#include "data/random.h"
#include "data/tone_drums.h"

namespace yourmt3 {
namespace {

constexpr double kTau = 2 * std::numbers::pi;
constexpr std::size_t kPeriod = 2048;  // Linear interpolation of harmonic 40 is then 55 dB below it at worst.
constexpr int kPhaseBits = 32 - 11;
constexpr int kMostHarmonics = 40;

/// Spectrum and envelope of an instrument.
struct Voice {
  double attack_sec;
  double decay_sec;    ///< Time constant of the fundamental at middle C; 0 for instruments that sustain.
  double release_sec;  ///< Time constant.
  double slope_db;     ///< Per octave of harmonics, at full velocity.
  double even = 1;     ///< Gain of even harmonics.
  double vibrato_cents = 0;
};

constexpr std::array<Voice, 16> kFamilies = {{
    {0.003, 1.10, 0.025, -8, 1.0, 0},  // piano
    {0.001, 0.35, 0.035, -5, 0.6, 0},  // chromatic percussion
    {0.010, 0, 0.012, -4, 1.0, 0},     // organ
    {0.002, 0.60, 0.020, -7, 0.8, 0},  // guitar
    {0.004, 0.70, 0.015, -9, 0.9, 0},  // bass
    {0.050, 0, 0.030, -6, 1.0, 12},    // strings
    {0.070, 0, 0.040, -8, 0.9, 7},     // ensemble
    {0.025, 0, 0.018, -5, 1.0, 4},     // brass
    {0.020, 0, 0.015, -6, 0.3, 5},     // reed
    {0.030, 0, 0.018, -14, 0.7, 8},    // pipe
    {0.005, 0, 0.012, -6, 0.5, 3},     // lead
    {0.100, 0, 0.040, -10, 0.9, 3},    // pad
    {0.030, 0.80, 0.040, -7, 0.7, 0},  // effects
    {0.002, 0.40, 0.020, -5, 0.7, 0},  // ethnic
    {0.001, 0.20, 0.030, -6, 0.5, 0},  // percussive
    {0.040, 0, 0.030, -9, 1.0, 10},    // noises
}};

Voice voice_of(int program, Random& variation, bool varied) {
  Voice voice = kFamilies[static_cast<std::size_t>(std::clamp(program, 0, 127) / 8)];
  if (program == kSingingProgram || program == kChorusProgram) voice = {0.05, 0, 0.03, -9, 1.0, 20};
  // Pizzicato, harp and timpani stand among the bowed strings, the plucked keys among the pianos.
  if (program >= 45 && program <= 47) voice = {0.002, program == 46 ? 0.6 : 0.25, 0.03, -8, 0.9, 0};
  if (program == 6 || program == 7) voice.slope_db = -4;
  voice.slope_db += 0.4 * (program % 8) - 1.4;
  if (varied) {
    voice.slope_db += variation.uniform(-3, 3);
    voice.even *= variation.uniform(0.5, 1.2);
    voice.attack_sec *= variation.uniform(0.6, 1.6);
    voice.decay_sec *= variation.uniform(0.6, 1.6);
    voice.release_sec *= variation.uniform(0.7, 1.3);
    voice.vibrato_cents *= variation.uniform(0, 2);
  }
  return voice;
}

/// One period of a tone, split into a dark and a bright part that are mixed by loudness and age.
struct Wave {
  std::vector<float> dark, bright;  ///< kPeriod values and the first again.
};

/// Gains of the harmonics of one program; the ripple makes two programs of a family differ.
struct Spectrum {
  std::array<double, kMostHarmonics> gain{};
  std::array<double, kMostHarmonics> phase{};
};

Spectrum make_spectrum(const Voice& voice, int program, std::uint64_t seed) {
  Spectrum spectrum;
  Random ripple(static_cast<std::uint64_t>(program), seed);
  const int family = program / 8;
  for (int h = 1; h <= kMostHarmonics; ++h) {
    double db = voice.slope_db * std::log2(h) + ripple.uniform(-4, 4);
    // Bars sound their fundamental and far overtones; drawbars are octaves and fifths.
    if (family == 1 && h != 1 && h != 4 && h != 10) db -= 30;
    if (family == 2 && h != 1 && h != 2 && h != 3 && h != 4 && h != 6 && h != 8) db -= 20;
    const auto i = static_cast<std::size_t>(h - 1);
    spectrum.gain[i] = std::pow(10, db / 20) * (h % 2 == 0 ? voice.even : 1.0);
    spectrum.phase[i] = ripple.uniform();
  }
  return spectrum;
}

std::span<const float> sine_table() {
  static const auto table = [] {
    std::vector<float> values(kPeriod);
    for (std::size_t i = 0; i < kPeriod; ++i) {
      values[i] = static_cast<float>(std::sin(kTau * static_cast<double>(i) / static_cast<double>(kPeriod)));
    }
    return values;
  }();
  return table;
}

Wave make_wave(const Spectrum& spectrum, double hz, double limit_hz) {
  Wave wave;
  wave.dark.resize(kPeriod + 1);
  wave.bright.resize(kPeriod + 1);
  const auto sine = sine_table();
  double energy = 0;
  // The limit is 3 % below Nyquist: room for vibrato.
  for (int h = 1; h <= kMostHarmonics && h * hz < limit_hz; ++h) {
    const double gain = spectrum.gain[static_cast<std::size_t>(h - 1)];
    energy += gain * gain / 2;
    const auto dark = static_cast<float>(gain / h);
    const auto bright = static_cast<float>(gain - gain / h);
    auto at = static_cast<std::size_t>(spectrum.phase[static_cast<std::size_t>(h - 1)] * kPeriod);
    for (std::size_t i = 0; i < kPeriod; ++i) {
      const float value = sine[at & (kPeriod - 1)];
      wave.dark[i] += dark * value;
      wave.bright[i] += bright * value;
      at += static_cast<std::size_t>(h);
    }
  }
  const float level = energy > 0 ? static_cast<float>(0.08 / std::sqrt(energy)) : 0.f;
  for (auto* values : {&wave.dark, &wave.bright}) {
    for (float& value : *values) value *= level;
    values->back() = values->front();
  }
  return wave;
}

struct Player {
  Voice voice;
  double rate;
  double tuning;  ///< Factor of all frequencies.
  std::span<float> out;

  void play(const PlayedNote& note, double hz, const Wave& wave, std::uint64_t number) const {
    const auto sample_at = [&](double sec) { return std::lround(std::max(0.0, sec) * rate); };
    if (hz * tuning >= 0.485 * rate) return;
    const long begin = sample_at(note.onset_sec);
    const long released = std::max(begin + 1, sample_at(note.offset_sec));
    const auto length = static_cast<long>(out.size());
    // Seven time constants are -61 dB.
    const long end = std::min(length, released + static_cast<long>(7 * voice.release_sec * rate));
    const long block = std::max(1L, std::lround(rate / 1000));
    const double block_sec = static_cast<double>(block) / rate;
    const double strength = note.velocity / 127.0;
    // Higher strings decay faster.
    const double decay_sec = voice.decay_sec * std::pow(2.0, (60 - note.pitch) / 24.0);
    const double keep_dark = voice.decay_sec > 0 ? std::exp(-block_sec / decay_sec) : 1;
    const double keep_bright = voice.decay_sec > 0 ? std::exp(-2.5 * block_sec / decay_sec) : 1;
    const double keep_released = std::exp(-block_sec / voice.release_sec);
    const double dark_level = std::pow(strength, 1.5);
    const double bright_level = dark_level * (0.15 + 0.85 * strength);
    Random random(number, 0x70);
    auto phase = static_cast<std::uint32_t>(random.bits());
    const double vibrato_phase = random.uniform();
    const double step = hz * tuning / rate * 4294967296.0;

    double age = 0, dark_decay = 1, bright_decay = 1, release = 1;
    float dark = 0, bright = 0;
    const auto release_block = std::max(1L, (released - begin + block - 1) / block);
    long at = begin;
    for (long n = 0; at < end; ++n) {
      age += block_sec;
      dark_decay *= keep_dark;
      bright_decay *= keep_bright;
      if (n >= release_block) release *= keep_released;
      if (dark_decay * release < 1e-3) break;
      const double attack = std::min(1.0, age / voice.attack_sec) * release;
      const auto next_dark = static_cast<float>(dark_level * dark_decay * attack);
      const auto next_bright = static_cast<float>(bright_level * bright_decay * attack);
      double now = step;
      if (voice.vibrato_cents > 0) {
        // It sets in after a moment, as players do.
        const double depth = voice.vibrato_cents * std::clamp((age - 0.15) / 0.3, 0.0, 1.0);
        now *= 1 + depth * 5.78e-4 * std::sin(kTau * (5.5 * age + vibrato_phase));
      }
      const auto increment = static_cast<std::uint32_t>(now);
      const long stop = std::min(end, at + block);
      const float dark_step = (next_dark - dark) / static_cast<float>(block);
      const float bright_step = (next_bright - bright) / static_cast<float>(block);
      for (; at < stop; ++at) {
        const std::size_t i = phase >> kPhaseBits;
        const float between = static_cast<float>(phase & ((1u << kPhaseBits) - 1)) * (1.f / (1u << kPhaseBits));
        const float low = wave.dark[i] + between * (wave.dark[i + 1] - wave.dark[i]);
        const float high = wave.bright[i] + between * (wave.bright[i + 1] - wave.bright[i]);
        dark += dark_step;
        bright += bright_step;
        out[static_cast<std::size_t>(at)] += dark * low + bright * high;
        phase += increment;
      }
      dark = next_dark;
      bright = next_bright;
    }
  }
};

}  // namespace

std::vector<float> render_tones(const Part& part, double seconds, const ToneOptions& options, std::uint64_t stream) {
  const double length_sec = seconds + options.tail_sec;
  if (!(seconds >= 0) || !(options.tail_sec >= 0) || length_sec > 24 * 3600) {
    fail(ErrorCode::kInvalidArgument, "cannot render {} s and a tail of {} s, expected 0 to 86400", seconds,
         options.tail_sec);
  }
  if (options.sample_rate < 8000 || options.sample_rate > 96000) {
    fail(ErrorCode::kInvalidArgument, "cannot render at {} Hz, expected 8000 to 96000", options.sample_rate);
  }
  const double rate = options.sample_rate;
  std::vector<float> out(static_cast<std::size_t>(std::lround(length_sec * rate)));
  Random variation(options.seed, stream);
  const bool varied = options.seed != 0;
  const double varied_cents = varied ? std::clamp(4 * variation.normal(), -8.0, 8.0) : 0;
  const double tuning = std::exp2((options.tuning_cents + varied_cents) / 1200);
  if (part.is_drum()) {
    play_tone_drums(part, rate, varied ? variation.uniform(0.85, 1.2) : 1.0, out);
    return out;
  }
  const Voice voice = voice_of(part.program, variation, varied);
  const Spectrum spectrum = make_spectrum(voice, part.program, varied ? variation.bits() : 0);
  std::map<int, Wave> waves;
  const Player player{voice, rate, tuning, out};
  for (std::size_t n = 0; n < part.notes.size(); ++n) {
    const auto& note = part.notes[n];
    const double hz = 440 * std::exp2((note.pitch - 69) / 12.0);
    auto [wave, fresh] = waves.try_emplace(note.pitch);
    if (fresh) wave->second = make_wave(spectrum, hz * tuning, 0.485 * rate);
    player.play(note, hz, wave->second, n);
  }
  return out;
}

std::vector<std::vector<float>> render_tones(const Song& song, const ToneOptions& options) {
  std::vector<std::vector<float>> sounds;
  for (std::size_t i = 0; i < song.parts.size(); ++i) {
    sounds.push_back(render_tones(song.parts[i], song.seconds, options, i));
  }
  return sounds;
}

}  // namespace yourmt3
