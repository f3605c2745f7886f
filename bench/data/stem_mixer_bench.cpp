// Training segments a second on one thread: planned, mixed, shifted, produced. Eight-part songs of noise in a temporary
// folder, so that files are in the page cache, as they are in training with enough memory.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/stem_mixer.h"

namespace yourmt3 {
namespace {

constexpr double kSeconds = 30;

/// A store that is removed at the end.
class NoiseStore {
 public:
  NoiseStore() : folder_(std::filesystem::temp_directory_path() / "yourmt3-stem-mixer-bench") {
    std::filesystem::remove_all(folder_);
    StoreWriter writer(folder_);
    Random random(1);
    for (int t = 0; t < 12; ++t) {
      TrackInfo track;
      track.id = std::to_string(t);
      track.split = "train";
      track.seconds = kSeconds;
      std::vector<std::vector<float>> samples;
      std::vector<Part> parts;
      for (int p = 0; p < 8; ++p) {
        Part part{p == 0 ? kDrumProgram : (7 * t + 11 * p) % 96, {}};
        for (double onset = 0.1; onset + 0.5 < kSeconds; onset += random.uniform(0.1, 0.5)) {
          part.notes.push_back({onset, onset + 0.3, random.integer(36, 80), 90});
        }
        auto& sound = samples.emplace_back(static_cast<std::size_t>(kSeconds * 16000));
        for (float& sample : sound) sample = static_cast<float>(random.uniform(-0.5, 0.5));
        track.stems.push_back({part.program, "", 1.0});
        parts.push_back(std::move(part));
      }
      writer.add(track, samples, parts);
    }
    writer.commit();
  }
  ~NoiseStore() { std::filesystem::remove_all(folder_); }

  StemMixer mixer(const StemMixOptions& options) const {
    return StemMixer(std::vector<StemDataSet>{{"noise", {folder_}, 1}}, options);
  }

 private:
  std::filesystem::path folder_;
};

const NoiseStore& store() {
  static const NoiseStore store;
  return store;
}

void plan(benchmark::State& state) {
  const auto mixer = store().mixer({});
  std::uint64_t bundle = 0;
  for (auto _ : state) benchmark::DoNotOptimize(mixer.plan(bundle++));
  state.SetItemsProcessed(static_cast<std::int64_t>(bundle * mixer.bundle_size()));
}

void make(benchmark::State& state, const StemMixOptions& options) {
  const auto mixer = store().mixer(options);
  std::uint64_t bundle = 0;
  for (auto _ : state) benchmark::DoNotOptimize(mixer.make(bundle++));
  state.SetItemsProcessed(static_cast<std::int64_t>(bundle * mixer.bundle_size()));
}

StemMixOptions shifted() {
  StemMixOptions options;
  options.pitch_shift = {1, 2, true};
  return options;
}

StemMixOptions produced() {
  StemMixOptions options;
  auto& o = options.production;
  o.equalise = o.reverb = o.compress = o.clip = o.noise = o.band_limit = o.codec = o.loudness = 1;
  return options;
}

BENCHMARK(plan)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(make, mixed, StemMixOptions())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(make, shifted, shifted())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(make, all_effects, produced())->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yourmt3
