#include "data/production.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"
#include "data/sound_effects.h"

namespace yourmt3 {
namespace {

using Range = ProductionOptions::Range;

double draw(const Range& range, Random& random) {
  return random.uniform(range.low, range.high);
}

double draw_hz(double low, double high, Random& random) {
  return std::exp(random.uniform(std::log(low), std::log(high)));
}

void equalise(std::vector<float>& samples, double most_db, Random& random) {
  const auto gain = [&] { return random.uniform(-most_db, most_db); };
  const double bass = draw_hz(60, 400, random);
  Biquad::low_shelf(bass, gain()).apply(samples);
  const int peaks = random.integer(1, 3);
  for (int i = 0; i < peaks; ++i) {
    const double centre = draw_hz(100, 6000, random);
    const double width = random.uniform(0.5, 2.5);
    Biquad::peak(centre, width, gain()).apply(samples);
  }
  const double treble = draw_hz(1500, 6000, random);
  Biquad::high_shelf(treble, gain()).apply(samples);
}

void limit_band(std::vector<float>& samples, const ProductionOptions& options, Random& random) {
  const double low = draw(options.band_low_hz, random);
  const double high = draw(options.band_high_hz, random);
  Biquad::high_pass(low).apply(samples);
  Biquad::low_pass(high).apply(samples);
  Biquad::low_pass(high).apply(samples);
}

}  // namespace

void check(const ProductionOptions& o) {
  struct Chance {
    const char* name;
    double value;
  };
  for (const auto& [name, value] : std::array<Chance, 8>{{{"equalise", o.equalise},
                                                          {"reverb", o.reverb},
                                                          {"compress", o.compress},
                                                          {"clip", o.clip},
                                                          {"noise", o.noise},
                                                          {"band_limit", o.band_limit},
                                                          {"codec", o.codec},
                                                          {"loudness", o.loudness}}}) {
    if (!(value >= 0 && value <= 1))
      fail(ErrorCode::kInvalidArgument, "production.{} is {}, a chance is 0-1", name, value);
  }
  struct Bounded {
    const char* name;
    Range range;
    double least;
    double most;
  };
  for (const auto& [name, range, least, most] :
       std::array<Bounded, 11>{{{"equalise_db", {0, o.equalise_db}, 0, 24},
                                {"reverb_sec", o.reverb_sec, 0.01, 10},
                                {"reverb_db", o.reverb_db, -100, 6},
                                {"compress_threshold_db", o.compress_threshold_db, -100, 0},
                                {"compress_ratio", o.compress_ratio, 1, 100},
                                {"clip_db", o.clip_db, 0, 40},
                                {"noise_db", o.noise_db, -120, 20},
                                {"band_low_hz", o.band_low_hz, 1, 4000},
                                {"band_high_hz", o.band_high_hz, 500, 8000},
                                {"codec_hz", o.codec_hz, 500, 8000},
                                {"codec_db", o.codec_db, -100, 6}}}) {
    if (!(range.low >= least && range.low <= range.high && range.high <= most)) {
      fail(ErrorCode::kInvalidArgument, "production.{} is {} to {}, expected an ascending range within {} to {}", name,
           range.low, range.high, least, most);
    }
  }
  if (!(o.loudness_db.low <= o.loudness_db.high && o.loudness_db.high <= 0)) {
    fail(ErrorCode::kInvalidArgument, "production.loudness_db is {} to {}, expected an ascending range up to 0",
         o.loudness_db.low, o.loudness_db.high);
  }
}

void produce(std::vector<float>& samples, const ProductionOptions& o, Random& random) {
  if (o.equalise + o.reverb + o.compress + o.clip + o.noise + o.band_limit + o.codec + o.loudness <= 0) return;
  double peak = peak_of(samples);
  if (random.chance(o.equalise)) equalise(samples, o.equalise_db, random);
  if (random.chance(o.reverb)) {
    Reverberation room;
    room.decay_sec = draw(o.reverb_sec, random);
    room.level_db = draw(o.reverb_db, random);
    room.brightness = random.uniform();
    reverberate(samples, room, random);
  }
  if (random.chance(o.compress)) {
    Compression compression;
    compression.threshold_db = draw(o.compress_threshold_db, random);
    compression.ratio = draw(o.compress_ratio, random);
    compression.knee_db = random.uniform(0, 12);
    compression.attack_sec = draw_hz(0.001, 0.05, random);
    compression.release_sec = draw_hz(0.03, 0.5, random);
    compress(samples, compression);
  }
  if (random.chance(o.clip)) {
    const double drive = draw(o.clip_db, random);
    clip(samples, drive, random.chance(0.5));
  }
  if (random.chance(o.noise)) {
    constexpr double kOfSilence = 0.1;  // Silence gets noise as if there had been a sound of this level.
    const double level = root_mean_square(samples);
    const auto colour = std::array{NoiseColour::kWhite, NoiseColour::kPink, NoiseColour::kHum}[random.index(3)];
    const double relative = from_db(draw(o.noise_db, random));
    add_noise(samples, colour, relative * (level > 0 ? level : kOfSilence), random);
    if (peak <= 0) peak = peak_of(samples);
  }
  if (random.chance(o.band_limit)) limit_band(samples, o, random);
  if (random.chance(o.codec)) {
    CodecLoss loss;
    loss.bandwidth_hz = draw(o.codec_hz, random);
    loss.coarseness_db = draw(o.codec_db, random);
    lose_as_codec(samples, loss);
  }
  if (random.chance(o.loudness)) peak = from_db(draw(o.loudness_db, random));
  const double now = peak_of(samples);
  if (now <= 0) return;
  const auto gain = static_cast<float>(peak / now);
  for (float& sample : samples) sample *= gain;
}

}  // namespace yourmt3
