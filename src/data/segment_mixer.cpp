#include "data/segment_mixer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "core/fail.h"
#include "data/instruments.h"
#include "data/random.h"
#include "data/sound_effects.h"
#include "data/store.h"
#include "data/synthesizer.h"

namespace yourmt3 {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr int kDrumGroup = 12;
constexpr std::uint64_t kProductionSeed = 0x70726f64;  // Apart from all that is drawn for the mix.
constexpr std::int64_t kLength = SegmentMixer::kSegmentSamples;

/// Gains below and above a corner, by a one-pole filter.
void tilt(std::vector<float>& samples, Random& random) {
  const double corner = std::exp(random.uniform(std::log(200.0), std::log(2500.0)));
  const double db = random.uniform(-6, 6);
  const auto low = static_cast<float>(from_db(db / 2));
  const auto high = static_cast<float>(from_db(-db / 2));
  const auto step = static_cast<float>(1 - std::exp(-kTwoPi * corner / kRenderRate));
  float state = 0;
  for (float& sample : samples) {
    state += step * (sample - state);
    sample = high * sample + (low - high) * state;
  }
}

void equalise(std::vector<float>& samples, Random& random) {
  const double centre = std::exp(random.uniform(std::log(100.0), std::log(6000.0)));
  const double width = random.uniform(0.5, 2.0);
  Biquad::peak(centre, width, random.uniform(-8, 8)).apply(samples);
}

/// Roughly normal noise, low-passed at a random corner, with the given root mean square before the filter's loss.
void add_coloured_noise(std::vector<float>& samples, double level, Random& random) {
  const double corner = std::exp(random.uniform(std::log(300.0), std::log(20000.0)));
  const auto step = static_cast<float>(1 - std::exp(-kTwoPi * corner / kRenderRate));
  // Four sixteen-bit numbers have a standard deviation of 2 * 65536 / sqrt(12); the filter leaves step / (2 - step).
  const double spread =
      2 * 65536.0 / std::sqrt(12.0) * std::sqrt(static_cast<double>(step) / (2 - static_cast<double>(step)));
  const auto gain = static_cast<float>(level / spread);
  float state = 0;
  for (float& sample : samples) {
    const std::uint64_t bits = random.bits();
    const auto sum = static_cast<int>((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
    state += step * (static_cast<float>(sum - 2 * 65535) - state);
    sample += gain * state;
  }
}

bool has_onset(const Store::Stem& stem, std::int64_t start) {
  const double from = static_cast<double>(start) / kRenderRate;
  const double to = static_cast<double>(start + kLength) / kRenderRate;
  const auto first = std::lower_bound(stem.notes.begin(), stem.notes.end(), from,
                                      [](const Note& note, double time) { return note.onset_sec < time; });
  return first != stem.notes.end() && first->onset_sec < to;
}

}  // namespace

struct SegmentMixer::Library {
  std::vector<Store> stores;
  std::array<std::vector<const Store::Stem*>, kInstrumentGroups> by_group;
  std::vector<int> pitched_groups;           ///< Those that have stems, without drums.
  std::vector<const Store::Track*> several;  ///< Tracks with more than one stem.
  std::size_t stems = 0;
  double hours = 0;
};

SegmentMixer::SegmentMixer(const std::vector<std::filesystem::path>& stores, const Options& options) {
  auto library = std::make_shared<Library>();
  for (const auto& folder : stores) library->stores.emplace_back(folder, options.split);
  for (const auto& store : library->stores) {
    for (const auto& track : store.tracks()) {
      for (const auto& stem : track.stems) {
        const int group = instrument_group(stem.info.program);
        if (group < 0 || stem.notes.empty()) continue;
        library->by_group[static_cast<std::size_t>(group)].push_back(&stem);
        ++library->stems;
        library->hours += static_cast<double>(stem.wav.samples().size()) / kRenderRate / 3600;
      }
      if (track.stems.size() > 1) library->several.push_back(&track);
    }
  }
  if (library->stems == 0) {
    fail(ErrorCode::kInvalidArgument, "no stems of split '{}' in {} data sets", options.split, stores.size());
  }
  for (int group = 0; group < kDrumGroup; ++group) {
    if (!library->by_group[static_cast<std::size_t>(group)].empty()) library->pitched_groups.push_back(group);
  }
  *this = SegmentMixer(std::move(library), options);
}

SegmentMixer::SegmentMixer(std::shared_ptr<const Library> library, const Options& options)
    : library_(std::move(library)), options_(options) {
  if (options.min_stems < 1 || options.max_stems < options.min_stems || options.min_gain_db > options.max_gain_db ||
      options.min_peak_db > options.max_peak_db || options.max_peak_db > 0) {
    fail(ErrorCode::kInvalidArgument,
         "stems {}-{}, gain {}-{} dB, peak {}-{} dB: each range ascends, with at least one stem and no peak above 0 dB",
         options.min_stems, options.max_stems, options.min_gain_db, options.max_gain_db, options.min_peak_db,
         options.max_peak_db);
  }
  check(options.production);
}

SegmentMixer SegmentMixer::with_options(const Options& options) const {
  return {library_, options};
}
std::size_t SegmentMixer::stem_count() const {
  return library_->stems;
}
double SegmentMixer::stem_hours() const {
  return library_->hours;
}

MixedSegment SegmentMixer::mix(std::uint64_t index) const {
  Random random(options_.seed, index);
  struct Source {
    const Store::Stem* stem;
    std::int64_t start;
  };
  const auto draw_start = [&](std::int64_t samples) {
    const std::int64_t room = std::max<std::int64_t>(0, samples - kLength);
    if (random.chance(options_.early_share)) return -static_cast<std::int64_t>(random.uniform() * 0.8 * kLength);
    return static_cast<std::int64_t>(random.uniform() * static_cast<double>(room + 1));
  };
  std::vector<Source> sources;
  const int wanted = random.integer(options_.min_stems, options_.max_stems);
  const auto count = static_cast<std::size_t>(wanted);
  const bool drums = random.chance(wanted == 1 ? 0.2 * options_.drum_share : options_.drum_share);
  if (random.chance(options_.empty_share)) {
    // Nothing plays.
  } else if (!library_->several.empty() && random.chance(options_.coherent_share)) {
    const auto& track = *random.pick(library_->several);
    std::vector<const Store::Stem*> stems;
    for (const auto& stem : track.stems) {
      const int group = instrument_group(stem.info.program);
      if (group >= 0 && (group != kDrumGroup || drums)) stems.push_back(&stem);
    }
    random.shuffle(stems);
    if (stems.size() > count) stems.resize(count);
    for (int attempt = 0; attempt < 4 && !stems.empty(); ++attempt) {
      const auto start = draw_start(static_cast<std::int64_t>(stems.front()->wav.samples().size()));
      sources.clear();
      bool any = false;
      for (const auto* stem : stems) {
        sources.push_back({stem, start});
        any = any || has_onset(*stem, start);
      }
      if (any) break;
    }
  } else {
    auto groups = library_->pitched_groups;
    random.shuffle(groups);
    if (drums && !library_->by_group[kDrumGroup].empty()) groups.insert(groups.begin(), kDrumGroup);
    if (groups.size() > count) groups.resize(count);
    for (const int group : groups) {
      const auto* stem = random.pick(library_->by_group[static_cast<std::size_t>(group)]);
      std::int64_t start = 0;
      for (int attempt = 0; attempt < 4; ++attempt) {
        start = draw_start(static_cast<std::int64_t>(stem->wav.samples().size()));
        if (has_onset(*stem, start)) break;
      }
      sources.push_back({stem, start});
    }
  }

  MixedSegment mixed;
  mixed.samples.assign(kLength, 0.f);
  std::vector<float> one(kLength);
  for (const auto& [stem, start] : sources) {
    const auto samples = stem->wav.samples();
    const auto total = static_cast<std::int64_t>(samples.size());
    const auto gain = static_cast<float>(from_db(random.uniform(options_.min_gain_db, options_.max_gain_db)) / 32768.0);
    const std::int64_t from = std::max<std::int64_t>(0, -start);
    const std::int64_t to = std::clamp<std::int64_t>(total - start, from, kLength);
    std::fill(one.begin(), one.end(), 0.f);
    for (std::int64_t i = from; i < to; ++i) {
      one[static_cast<std::size_t>(i)] = gain * samples[static_cast<std::size_t>(start + i)];
    }
    if (random.chance(options_.tilt_share)) tilt(one, random);
    for (std::size_t i = 0; i < one.size(); ++i) mixed.samples[i] += one[i];

    const double shift = static_cast<double>(start) / kRenderRate;
    const double end = static_cast<double>(kLength) / kRenderRate;
    for (const auto& note : stem->notes) {
      if (note.onset_sec - shift >= end) break;
      if (note.offset_sec - shift <= 0 || (note.is_drum && note.onset_sec - shift < 0)) continue;
      auto moved = note;
      moved.onset_sec -= shift;
      moved.offset_sec -= shift;
      mixed.notes.push_back(moved);
    }
  }
  std::sort(mixed.notes.begin(), mixed.notes.end(), [](const Note& a, const Note& b) {
    return std::tie(a.onset_sec, a.program, a.pitch, a.offset_sec) <
           std::tie(b.onset_sec, b.program, b.pitch, b.offset_sec);
  });

  if (random.chance(options_.equalise_share)) equalise(mixed.samples, random);
  if (const float peak = peak_of(mixed.samples); peak > 0 && random.chance(options_.saturate_share)) {
    const float drive = static_cast<float>(random.uniform(0.5, 4.0)) / peak;
    for (float& sample : mixed.samples) sample = drive * sample / (1 + std::abs(drive * sample));
  }
  double energy = 0;
  for (const float sample : mixed.samples) energy += static_cast<double>(sample) * sample;
  const double level = energy > 0 ? std::sqrt(energy / kLength) : 0.1;
  if (random.chance(options_.noise_share))
    add_coloured_noise(mixed.samples, level * from_db(random.uniform(-55, -15)), random);
  Random production(options_.seed ^ kProductionSeed, index);
  produce(mixed.samples, options_.production, production);
  const double peak = peak_of(mixed.samples);
  if (peak > 0) {
    const auto gain = static_cast<float>(from_db(random.uniform(options_.min_peak_db, options_.max_peak_db)) / peak);
    for (float& sample : mixed.samples) sample = std::clamp(gain * sample, -1.f, 1.f);
  }
  return mixed;
}

}  // namespace yourmt3
