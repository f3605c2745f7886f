#include "eager_timing.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <random>

#include "measure/timing.h"

namespace yourmt3 {
namespace {

at::Tensor tensor_of(std::span<const float> values, at::IntArrayRef shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

/// Root mean square of the differences over that of `expected`.
double relative_difference(const at::Tensor& found, const at::Tensor& expected) {
  const double error = (found - expected).square().mean().item<double>();
  return std::sqrt(error / expected.square().mean().item<double>());
}

}  // namespace

at::Tensor eager_spectrogram(const Engine& front_end, std::span<const float> samples, int n_segments) {
  const FrontEndConfig& config = front_end.config().front_end;
  return tensor_of(front_end.spectrogram(samples, n_segments), {n_segments, config.n_frames(), config.n_bins()});
}

EagerTiming time_eager_batch(const EagerNetwork& network, const Engine& front_end, std::span<const float> samples,
                             int n_segments, int n_steps, EagerThreads threads) {
  EagerTiming timing;
  at::set_num_threads(threads.encode);
  auto start = BenchClock::now();
  const at::Tensor memory = network.encode(eager_spectrogram(front_end, samples, n_segments));
  timing.encode_sec = seconds_since(start);
  at::set_num_threads(threads.decode);
  start = BenchClock::now();
  const at::Tensor rows = memory.flatten(0, 1);  // (B * C, S, d)
  EagerNetwork::Decoding decoding(network, rows);
  at::Tensor tokens = at::zeros({rows.size(0)}, at::kLong);
  for (int i = 0; i < n_steps; ++i) {
    tokens = decoding.step(tokens).argmax(-1);
    timing.step_end_sec.push_back(seconds_since(start));
  }
  return timing;
}

Disagreement compare(const EagerNetwork& network, const Engine& engine, std::span<const float> samples,
                     int n_segments) {
  constexpr int kTokens = 12;
  const ModelConfig& config = engine.config();
  const std::vector<float> picture = engine.spectrogram(samples, n_segments);
  const at::Tensor memory = network.encode(eager_spectrogram(engine, samples, n_segments));
  const std::vector<float> encoded = engine.encode_features(engine.pre_encode(picture, n_segments), n_segments);
  Disagreement result;
  result.memory = relative_difference(tensor_of(engine.pre_decode(encoded, n_segments), memory.sizes()), memory);

  const at::Tensor rows = memory.flatten(0, 1);
  const int n_rows = static_cast<int>(rows.size(0));
  std::mt19937 random(1);
  std::vector<std::int32_t> ids(static_cast<std::size_t>(n_rows * kTokens));
  for (auto& id : ids) id = static_cast<std::int32_t>(random() % static_cast<unsigned>(config.decoder.vocab_size));
  EagerNetwork::Decoding decoding(network, rows);
  std::vector<at::Tensor> steps;
  for (int i = 0; i < kTokens; ++i) {
    at::Tensor tokens = at::empty({n_rows}, at::kLong);
    for (int row = 0; row < n_rows; ++row) {
      tokens[row] = static_cast<std::int64_t>(ids[static_cast<std::size_t>(row * kTokens + i)]);
    }
    steps.push_back(decoding.step(tokens));
  }
  const at::Tensor expected = at::stack(steps, 1);  // (R, N, V)
  const std::vector<float> found = engine.decoder_logits(ids, engine.encode(samples, n_segments).memory, n_rows);
  result.logits = relative_difference(tensor_of(found, expected.sizes()), expected);
  return result;
}

}  // namespace yourmt3
