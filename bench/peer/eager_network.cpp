#include "eager_network.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include "core/fail.h"
#include "torchnet/layers.h"
#include "torchnet/network_weights.h"

namespace yourmt3 {
namespace {

constexpr double kNormEps = 1e-6;

}  // namespace

EagerNetwork::EagerNetwork(const Model& model) : network_(model.config) {
  const DecoderConfig& decoder = model.config.decoder;
  if (decoder.relative_position_bias || decoder.feed_forward == EncoderConfig::FeedForward::kMoe) {
    fail(ErrorCode::kUnsupported, "the peer decodes as the published networks only: sinusoids, gated feed-forward");
  }
  load_weights(network_, model.weights);
}

at::Tensor EagerNetwork::encode(const at::Tensor& spectrogram) const {
  return network_.encode(spectrogram, {}).memory;
}

EagerNetwork::Decoding::Decoding(const EagerNetwork& network, const at::Tensor& memory)
    : network_(network), memory_(memory) {
  self_.resize(static_cast<std::size_t>(network.network_.config().decoder.n_layers));
  cross_.resize(self_.size());
}

at::Tensor EagerNetwork::Decoding::attend(const ParameterNode& node, const at::Tensor& q, const Cache& cache) const {
  const int n_heads = network_.network_.config().decoder.n_heads;
  const at::Tensor scores = at::matmul(split_heads(q, n_heads), cache.k.transpose(-2, -1));
  return linear(node["o"], merge_heads(at::matmul(at::softmax(scores, -1), cache.v)));
}

at::Tensor EagerNetwork::Decoding::step(const at::Tensor& tokens) {
  const Network& network = network_.network_;
  const int n_heads = network.config().decoder.n_heads;
  const ParameterNode& stack = network["decoder"]["decoder"];
  const auto norm = [](const ParameterNode& node, const at::Tensor& x) {
    return rms_norm(node["layer_norm"], x, kNormEps, at::kFloat);
  };
  at::Tensor x = at::embedding(network["embed_tokens"].tensor("weight"), tokens.unsqueeze(1)) +
                 stack["additive_pe"].tensor("weight").slice(0, n_, n_ + 1);  // (R, 1, d)
  for (std::size_t i = 0; i < self_.size(); ++i) {
    const ParameterNode& layers = stack["block"][i]["layer"];
    const ParameterNode& self = layers[0]["SelfAttention"];
    const at::Tensor h = norm(layers[0], x);
    const at::Tensor k = split_heads(linear(self["k"], h), n_heads), v = split_heads(linear(self["v"], h), n_heads);
    self_[i] = n_ == 0 ? Cache{k, v} : Cache{at::cat({self_[i].k, k}, 2), at::cat({self_[i].v, v}, 2)};
    x = x + attend(self, linear(self["q"], h), self_[i]);

    const ParameterNode& cross = layers[1]["EncDecAttention"];
    if (n_ == 0) {
      // Stored as they are multiplied, which spares the peer a copy of all of them in every step.
      cross_[i] = {split_heads(linear(cross["k"], memory_), n_heads).contiguous(),
                   split_heads(linear(cross["v"], memory_), n_heads).contiguous()};
    }
    x = x + attend(cross, linear(cross["q"], norm(layers[1], x)), cross_[i]);

    const ParameterNode& dense = layers[2]["DenseReluDense"];
    const at::Tensor wide = norm(layers[2], x);
    x = x + linear(dense["wo"], at::gelu(linear(dense["wi_0"], wide), "tanh") * linear(dense["wi_1"], wide));
  }
  ++n_;
  const at::Tensor hidden = rms_norm(stack["final_layer_norm"], x, kNormEps, at::kFloat);
  return network.decoding_logits(hidden).squeeze(1);
}

}  // namespace yourmt3
