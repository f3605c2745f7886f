// Milliseconds for the spectrogram of one segment, on one thread, by codec and hop.

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "features/front_end.h"

namespace yourmt3 {
namespace {

void spectrogram(benchmark::State& state, FrontEndConfig::Codec codec, int hop_length) {
  FrontEndConfig config;
  config.codec = codec;
  config.hop_length = hop_length;
  const FrontEnd front_end(config);
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  std::vector<float> samples(static_cast<std::size_t>(config.segment_samples));
  for (float& v : samples) v = uniform(random);
  std::vector<float> out(static_cast<std::size_t>(front_end.n_frames()) * static_cast<std::size_t>(front_end.n_bins()));
  for (auto _ : state) {
    front_end.compute(samples, out);
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK_CAPTURE(spectrogram, linear, FrontEndConfig::Codec::kLinear, 300)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spectrogram, mel, FrontEndConfig::Codec::kMel, 128)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(spectrogram, log_frequency, FrontEndConfig::Codec::kLogFrequency, 320)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yourmt3
