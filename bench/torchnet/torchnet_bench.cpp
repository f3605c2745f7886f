// Forward and backward passes of training, one thread, with our kernels and in plain libtorch, side by side in one run:
//   torchnet_bench --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
// CPU time is what to compare; the argument is 1 for our kernels, 0 without.

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <benchmark/benchmark.h>
#include <torch/autograd.h>

#include <map>
#include <memory>
#include <optional>

#include "torchnet/fused.h"
#include "torchnet/initialise.h"
#include "torchnet/network.h"

namespace yourmt3 {
namespace {

at::Tensor noise(at::IntArrayRef shape) {
  return at::rand(shape, at::detail::createCPUGenerator(1), at::kFloat);
}

/// The network of configs/default/onset_v1.toml.
ModelConfig default_model() {
  ModelConfig config;
  config.task = "onset_v1";
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
  config.encoder.type = EncoderConfig::Type::kT5;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.encoder.d_model = config.decoder.d_model = 192;
  config.encoder.n_layers = config.decoder.n_layers = 3;
  config.encoder.n_heads = config.decoder.n_heads = 3;
  config.encoder.d_ff = config.decoder.d_ff = 384;
  config.encoder.n_positions = 128;
  config.encoder.dropout = config.decoder.dropout = 0;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  config.decoder.vocab_size = 598;
  config.decoder.max_length = 512;
  config.decoder.n_positions = 522;
  config.decoder.logit_scale = 1;
  config.auxiliary.notes = true;
  config.auxiliary.n_groups = 13;
  return config;
}

/// One block of a published PerceiverTF.
ModelConfig perceiver_block(const char* variant) {
  ModelConfig config = published_config(variant);
  config.encoder.n_blocks = 1;
  return config;
}

Network& network_of(const std::string& name, const ModelConfig& config) {
  static std::map<std::string, std::unique_ptr<Network>> made;
  auto& network = made[name];
  if (!network) {
    network = std::make_unique<Network>(config);
    initialise(*network, 1);
  }
  return *network;
}

std::vector<at::Tensor> trained(const Network& network) {
  std::vector<at::Tensor> parameters;
  for (const at::Tensor& parameter : network.parameters()) {
    if (parameter.requires_grad()) parameters.push_back(parameter);
  }
  return parameters;
}

/// Runs `loss` and its way back in every iteration.
template <class Loss>
void measure(benchmark::State& state, const Network& network, const Loss& loss) {
  at::set_num_threads(1);
  std::optional<PlainOperations> plain;
  if (state.range(0) == 0) plain.emplace();
  const auto parameters = trained(network);
  for (auto _ : state) {
    benchmark::DoNotOptimize(torch::autograd::grad({loss()}, parameters, {}, {}, false, true));
  }
}

void BM_DefaultModel(benchmark::State& state, int group_notes) {
  constexpr std::int64_t kSegments = 4, kTokens = 64;
  ModelConfig config = default_model();
  config.auxiliary.group_notes = group_notes;
  const Network& network = network_of("default" + std::to_string(group_notes), config);
  const at::Tensor spectrogram = noise({kSegments, config.front_end.n_frames(), config.front_end.n_bins()});
  const at::Tensor labels = at::randint(1, 598, {kSegments, kTokens}, at::detail::createCPUGenerator(2), at::kLong);
  const Pass pass = {at::kFloat, true};
  measure(state, network, [&] {
    const EncoderOutput encoded = network.encode(spectrogram, pass);
    const DecoderOutput decoded = network.decode(shift_right(labels), encoded.memory.flatten(0, 1), pass, true);
    at::Tensor loss = network.training_logits(decoded.hidden).square().sum() + encoded.notes.square().sum() +
                      encoded.groups.square().sum() + encoded.local.square().sum();
    for (const at::Tensor& attention : decoded.first_head_attention) loss = loss + attention.square().sum();
    if (encoded.group_notes.defined()) loss = loss + encoded.group_notes.square().sum();
    return loss;
  });
  state.counters["segments/s"] = benchmark::Counter(kSegments, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(BM_DefaultModel, plain_heads, 0)
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_DefaultModel, group_notes, 32)
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

/// A block behind the pre-encoder: (1, 110, 128, 128) to (1, 110, K, 128). The second argument is dropout in per cent.
void BM_PerceiverBlock(benchmark::State& state, const char* variant) {
  ModelConfig config = perceiver_block(variant);
  config.encoder.dropout = static_cast<float>(state.range(1)) / 100;
  const Network& network = network_of(variant + std::to_string(state.range(1)), config);
  const at::Tensor input = noise({1, config.front_end.n_frames(), config.n_pooled_bins(), config.pre_encoder.channels});
  const Pass pass = {at::kFloat, true};
  measure(state, network, [&] { return network.encode_features(input, pass).square().sum(); });
}
#define BLOCK(name, variant)                          \
  BENCHMARK_CAPTURE(BM_PerceiverBlock, name, variant) \
      ->Args({0, 0})                                  \
      ->Args({1, 0})                                  \
      ->Args({0, 5})                                  \
      ->Args({1, 5})                                  \
      ->MeasureProcessCPUTime()                       \
      ->Unit(benchmark::kMillisecond)
BLOCK(mlp, "yptf-multi-ps");
BLOCK(experts, "yptf-moe-multi-nops");

/// The published decoder, 4 rows of 128 tokens, with its dropout of 5 %.
void BM_PublishedDecoder(benchmark::State& state) {
  const Network& network = network_of("decoder", published_config("yptf-multi-ps"));
  const at::Tensor memory = noise({4, 110, 512});
  const at::Tensor ids = at::randint(1, 596, {4, 128}, at::detail::createCPUGenerator(2), at::kLong);
  const Pass pass = {at::kFloat, true};
  measure(state, network, [&] { return network.decode(ids, memory, pass).hidden.square().sum(); });
}
BENCHMARK(BM_PublishedDecoder)->Arg(0)->Arg(1)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yourmt3
