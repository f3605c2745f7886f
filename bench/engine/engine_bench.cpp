// Speed of the engine's parts. The last argument of a benchmark is the number of threads.

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "engine/attention.h"
#include "engine/engine.h"
#include "engine/linear.h"
#include "engine/pre_decoder.h"
#include "engine/residual_conv.h"
#include "engine/t5_decoder.h"
#include "linear_shapes.h"

namespace yourmt3 {
namespace {

std::vector<float> noise(std::size_t n, float scale = 1.f) {
  static std::minstd_rand generator(1);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(n);
  for (float& x : values) x = uniform(generator);
  return values;
}

std::size_t times(std::int64_t a, std::int64_t b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

/// A network of the published size with random weights of a size that keeps activations of order 1.
Model random_model(const std::string& variant) {
  Model model{published_config(variant), {}};
  auto storage = std::make_shared<std::vector<std::vector<float>>>();
  for (const TensorSpec& spec : expected_tensors(model.config)) {
    if (!spec.required) continue;
    std::size_t n = 1;
    for (const std::int64_t size : spec.shape) n *= static_cast<std::size_t>(size);
    const double fan = double(n) / double(spec.shape[0]);
    std::vector<float> values = noise(n, static_cast<float>(std::sqrt(3.0 / fan)));
    if (spec.shape.size() == 1) std::fill(values.begin(), values.end(), spec.name.ends_with("bias") ? 0.f : 1.f);
    storage->push_back(std::move(values));
    model.weights.tensors[spec.name] = {DType::kF32, spec.shape, std::as_bytes(std::span(storage->back()))};
  }
  model.weights.storage = std::move(storage);
  return model;
}

const Engine& engine_of(const std::string& variant, int n_threads) {
  static std::map<std::pair<std::string, int>, std::unique_ptr<Engine>> made;
  auto& engine = made[{variant, n_threads}];
  if (!engine) engine = std::make_unique<Engine>(random_model(variant), Engine::Options{.n_threads = n_threads});
  return *engine;
}

void report_flops(benchmark::State& state, double flops) {
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void BM_Linear(benchmark::State& state) {
  const int rows = int(state.range(0)), n = int(state.range(1)), k = int(state.range(2));
  ThreadTeam team(int(state.range(3)));
  const Compute compute{best_kernels(), team};
  const Linear linear(best_kernels(), noise(times(n, k)), n, k);
  const auto x = noise(times(rows, k));
  std::vector<float> y(times(rows, n));
  for (auto _ : state) linear.apply(compute, x.data(), rows, y.data());
  report_flops(state, 2.0 * rows * n * k);
}

BENCHMARK(BM_Linear)->LINEAR_SHAPES(1)->LINEAR_SHAPES(2)->UseRealTime()->MeasureProcessCPUTime();

void BM_Attention(benchmark::State& state) {
  const int n = int(state.range(0)), lq = int(state.range(1)), lk = int(state.range(2));
  const int heads = int(state.range(3)), d = int(state.range(4)), width = heads * d;
  ThreadTeam team(int(state.range(5)));
  const Compute compute{best_kernels(), team};
  const auto q = noise(times(n * lq, width)), k = noise(times(n * lk, width)), v = noise(times(n * lk, width));
  std::vector<float> out(q.size());
  FloatBuffer scratch;
  HeadShape shape;
  shape.heads = heads;
  shape.d_qk = shape.d_v = d;
  for (auto _ : state) {
    attend(compute, shape, n, {lq, lq, 1}, {lk, lk, 1}, {q.data(), width}, {k.data(), width}, {v.data(), width},
           out.data(), scratch);
  }
  report_flops(state, 4.0 * n * lq * lk * width);
}
// Spectral cross attention, a local layer, a temporal layer, T5's encoder.
BENCHMARK(BM_Attention)
    ->Args({110, 26, 128, 8, 16, 2})
    ->Args({110, 26, 26, 8, 16, 2})
    ->Args({26, 110, 110, 8, 16, 2})
    ->Args({1, 256, 256, 6, 64, 2})
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void BM_ResidualConv(benchmark::State& state) {
  const Model model = random_model("yptf-multi-ps");
  const FrontEndConfig& front_end = model.config.front_end;
  const auto precision = static_cast<Precision>(state.range(0));
  ThreadTeam team(int(state.range(1)));
  const Compute compute{best_kernels(), team};
  const ResidualConv convolutions(best_kernels(), model.config.pre_encoder, front_end.n_frames(), front_end.n_bins(),
                                  WeightReader(model.weights, "pre_encoder.0."), precision);
  const auto x = noise(times(front_end.n_frames(), front_end.n_bins()));
  std::vector<float> y(times(front_end.n_frames(), convolutions.n_bins_out() * model.config.pre_encoder.channels));
  for (auto _ : state) convolutions.run(compute, x.data(), y.data());
  report_flops(state, 2 * 41.67e9);
}
BENCHMARK(BM_ResidualConv)
    ->ArgsProduct({{int(Precision::kF32), int(Precision::kBf16), int(Precision::kInt8)}, {1, 2}})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// One token more for each of `rows` rows that have `before` already.
void BM_DecodeStep(benchmark::State& state) {
  const int rows = int(state.range(0)), before = int(state.range(1));
  const Model model = random_model("yptf-multi-ps");
  ThreadTeam team(int(state.range(2)));
  const Compute compute{best_kernels(), team};
  DecoderConfig config = model.config.decoder;
  const PreDecoder pre_decoder(best_kernels(), model.config, WeightReader(model.weights, "pre_decoder.0."));
  const T5Decoder decoder(best_kernels(), team, config, WeightReader(model.weights, ""), pre_decoder.projection());
  const int memory_length = model.config.front_end.n_frames();
  const auto memory = noise(times(memory_length, decoder.memory_width()));
  DecoderBatch batch(decoder, compute, rows, memory_length, config.max_length);
  std::vector<int> slots;
  const std::vector<std::int32_t> tokens(static_cast<std::size_t>(rows), 3);
  for (int i = 0; i < rows; ++i) slots.push_back(i);
  int n = config.max_length;
  for (auto _ : state) {
    if (n >= before + 16) {
      state.PauseTiming();
      for (const int slot : slots) {
        batch.finish(slot);
        batch.start(slot, {memory.data(), decoder.memory_width()});
      }
      for (n = 0; n < before; ++n) batch.step(slots, tokens);
      state.ResumeTiming();
    }
    batch.step(slots, tokens);
    ++n;
  }
  state.counters["tokens/s"] = benchmark::Counter(rows, benchmark::Counter::kIsIterationInvariantRate);
  report_flops(state, 2 * 23e6 * rows);
}
BENCHMARK(BM_DecodeStep)
    ->Args({1, 32, 1})
    ->Args({1, 32, 2})
    ->Args({8, 32, 2})
    ->Args({64, 32, 1})
    ->Args({64, 32, 2})
    ->Args({104, 32, 2})
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

enum Stage { kSpectrogram, kPreEncode, kEncode, kPreDecode, kDecode64 };

/// A stage of a published network for 8 segments.
void BM_Stage(benchmark::State& state, const std::string& variant, Stage stage) {
  constexpr int kSegments = 8;
  const Engine& engine = engine_of(variant, int(state.range(0)));
  const auto audio = noise(times(kSegments, engine.config().front_end.segment_samples));
  std::vector<float> input = stage >= kPreEncode ? engine.spectrogram(audio, kSegments) : audio;
  if (stage >= kEncode) input = engine.pre_encode(input, kSegments);
  if (stage >= kPreDecode) input = engine.encode_features(input, kSegments);
  if (stage >= kDecode64) input = engine.encode(audio, kSegments).memory;
  for (auto _ : state) {
    switch (stage) {
      case kSpectrogram:
        benchmark::DoNotOptimize(engine.spectrogram(input, kSegments));
        break;
      case kPreEncode:
        benchmark::DoNotOptimize(engine.pre_encode(input, kSegments));
        break;
      case kEncode:
        benchmark::DoNotOptimize(engine.encode_features(input, kSegments));
        break;
      case kPreDecode:
        benchmark::DoNotOptimize(engine.pre_decode(input, kSegments));
        break;
      case kDecode64:
        benchmark::DoNotOptimize(engine.decode({kSegments, input, {}}, nullptr, 64));
        break;
    }
  }
}

#define STAGES(name, variant)                                              \
  BENCHMARK_CAPTURE(BM_Stage, name / spectrogram, variant, kSpectrogram)   \
      ->Arg(2)                                                             \
      ->UseRealTime()                                                      \
      ->MeasureProcessCPUTime()                                            \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(BM_Stage, name / pre_encode, variant, kPreEncode)      \
      ->Arg(2)                                                             \
      ->UseRealTime()                                                      \
      ->MeasureProcessCPUTime()                                            \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(BM_Stage, name / encode, variant, kEncode)             \
      ->Arg(1)                                                             \
      ->Arg(2)                                                             \
      ->UseRealTime()                                                      \
      ->MeasureProcessCPUTime()                                            \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(BM_Stage, name / pre_decode, variant, kPreDecode)      \
      ->Arg(2)                                                             \
      ->UseRealTime()                                                      \
      ->MeasureProcessCPUTime()                                            \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(BM_Stage, name / decode_64_tokens, variant, kDecode64) \
      ->Arg(2)                                                             \
      ->UseRealTime()                                                      \
      ->MeasureProcessCPUTime()                                            \
      ->Unit(benchmark::kMillisecond)
STAGES(moe_multi, "yptf-moe-multi-nops");
STAGES(ymt3plus, "ymt3plus");

}  // namespace
}  // namespace yourmt3
