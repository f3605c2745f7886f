#include "torchnet/perceiver.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "torchnet/fused.h"
#include "torchnet/mixture.h"

namespace yourmt3 {
namespace {

enum class AttentionKind { kSpectral, kLocal, kTemporal };

/// Slopes of ALiBi for `n` heads; for n that is no power of two the next lower one's, and every other of the double.
std::vector<double> alibi_slopes(int n) {
  int power = 1;
  while (power * 2 <= n) power *= 2;
  std::vector<double> slopes;
  for (int h = 0; h < power; ++h) slopes.push_back(std::pow(2.0, -8.0 * (h + 1) / power));
  for (int h = 0; static_cast<int>(slopes.size()) < n; ++h) {
    slopes.push_back(std::pow(2.0, -8.0 * (2 * h + 1) / (2 * power)));
  }
  return slopes;
}

class Perceiver {
 public:
  Perceiver(const ParameterNode& node, const EncoderConfig& config, const Pass& pass, EncoderTrace* trace)
      : node_(node), config_(config), pass_(pass), trace_(trace) {}

  at::Tensor run(const at::Tensor& input) const {
    const at::Tensor x = config_.attention_to_channel ? input.transpose(2, 3) : input;
    const std::int64_t batch = x.size(0), frames = x.size(1), latents = config_.n_latents, width = config_.d_model;
    const at::Tensor keys = x.flatten(0, 1);  // (B * T, C, F')
    at::Tensor z = start(batch, frames);
    for (int i = 0; i < config_.n_blocks; ++i) {
      const ParameterNode& block = node_["blocks"][static_cast<std::size_t>(i)];
      z = attention(block["spectral_cross_attention"], AttentionKind::kSpectral, z.flatten(0, 1), keys);
      if (i == 0 && trace_ != nullptr) trace_->first_sca = z.view({batch, frames, latents, width});
      for (int j = 0; j < config_.n_local_layers; ++j) {
        const bool first = i == 0 && j == 0 && trace_ != nullptr;
        z = layer(block["local_transformer"][static_cast<std::size_t>(j)], AttentionKind::kLocal, z,
                  first ? &trace_->first_router_logits : nullptr);
        if (first) trace_->first_local = z.view({batch, frames, latents, width});
      }
      // (B * K, T, D): one sequence in time for each latent.
      z = z.view({batch, frames, latents, width}).transpose(1, 2).reshape({batch * latents, frames, width});
      if (i == 0 && config_.position == LatentPosition::kTrainableKdt) {
        z = z + node_["pos_emb"].tensor("_pos_emb_temporal").slice(0, 0, frames);
      }
      for (int j = 0; j < config_.n_temporal_layers; ++j) {
        z = layer(block["temporal_transformer"][static_cast<std::size_t>(j)], AttentionKind::kTemporal, z, nullptr);
        if (i == 0 && j == 0 && trace_ != nullptr) trace_->first_temporal = z.view({batch, latents, frames, width});
      }
      z = z.view({batch, latents, frames, width}).transpose(1, 2).contiguous();
      if (trace_ != nullptr) trace_->blocks.push_back(z);
    }
    return z;
  }

 private:
  /// Latents with their positions, (B, T, K, D).
  at::Tensor start(std::int64_t batch, std::int64_t frames) const {
    at::Tensor z = node_["latent_array"].tensor("latents").unsqueeze(0);  // (1, K, D)
    switch (config_.position) {
      case LatentPosition::kTrainableTkd:
        z = z + position_table().slice(0, 0, frames);
        break;
      case LatentPosition::kTrainableTd:
        z = z + position_table().slice(0, 0, frames).unsqueeze(1);
        break;
      case LatentPosition::kTrainableTk:
        z = z + position_table().slice(0, 0, frames).unsqueeze(2);
        break;
      case LatentPosition::kTrainableKdt:
        z = z + position_table();
        break;
      case LatentPosition::kNone:
      case LatentPosition::kRope:
      case LatentPosition::kAlibi:
      case LatentPosition::kAlibiTrained:
        break;
    }
    return z.unsqueeze(0).expand({batch, frames, -1, -1}).contiguous();
  }

  const at::Tensor& position_table() const { return node_["pos_emb"].tensor("_pos_emb"); }

  at::Tensor norm(const ParameterNode& node, const at::Tensor& x) const {
    return config_.norm == Norm::kLayerNorm ? layer_norm(node, x, config_.norm_eps, pass_.compute)
                                            : rms_norm(node, x, config_.norm_eps, pass_.compute);
  }

  at::Tensor layer(const ParameterNode& node, AttentionKind kind, const at::Tensor& x,
                   at::Tensor* router_logits) const {
    const at::Tensor a = attention(node["attention"], kind, x, {});
    const at::Tensor h = norm(node["layernorm"], a);
    const ParameterNode& mlp = node["mlp"];
    switch (config_.feed_forward) {
      case EncoderConfig::FeedForward::kMlp:
        return a + linear(mlp["dense2"], activate(config_.activation, linear(mlp["dense1"], h)));
      case EncoderConfig::FeedForward::kGatedMlp: {
        const at::Tensor hidden = activate(config_.activation, linear(mlp["w1"], h)) * linear(mlp["gate"], h);
        return a + dropout(linear(mlp["w2"], dropout(hidden, config_.dropout, pass_)), config_.dropout, pass_);
      }
      case EncoderConfig::FeedForward::kMoe:
        break;
    }
    return a + mixture_of_experts(mlp, h, config_.top_k, config_.activation, pass_, router_logits);
  }

  /// Queries (n, Lq, D); keys (n, Lk, kv_dim) for the spectral kind, else the queries themselves.
  at::Tensor attention(const ParameterNode& node, AttentionKind kind, const at::Tensor& x,
                       const at::Tensor& keys) const {
    const bool cross = kind == AttentionKind::kSpectral;
    const ParameterNode& self = node["self"];
    const at::Tensor h = norm(self["layernorm1"], x);
    const at::Tensor g = cross ? norm(self["layernorm2"], keys) : h;
    const at::Tensor mixed = linear(node["output"]["dense"], attend(self, kind, h, g));
    const bool residual = !cross || config_.sca_query_residual;
    return residual ? mixed + x : mixed.to(x.scalar_type());
  }

  /// Queries from h (n, Lq, D), keys and values from g (n, Lk, ...): (n, Lq, v_channels).
  at::Tensor attend(const ParameterNode& self, AttentionKind kind, const at::Tensor& h, const at::Tensor& g) const {
    const bool cross = kind == AttentionKind::kSpectral, rope = config_.position == LatentPosition::kRope;
    const int n_heads = cross ? config_.n_cross_heads : config_.n_self_heads;
    const ParameterNode &query = self["query"], &key = self["key"], &value = self["value"];
    const double scale = 1 / std::sqrt(static_cast<double>(config_.qk_channels / n_heads));
    const AttentionOptions options = {n_heads, false, scale, config_.dropout};
    const bool alibi = config_.position == LatentPosition::kAlibi || config_.position == LatentPosition::kAlibiTrained;
    const bool joint = !alibi && config_.qk_channels == config_.v_channels;
    if (joint && !cross && !rope) {
      return fused_self_attention(joint_linear({&query, &key, &value}, h), options, pass_).mixed;
    }
    at::Tensor q = linear(query, h);
    if (rope) q = rotate(q, n_heads, kind);
    const bool plain_keys = !rope || !config_.rope_apply_to_keys;
    if (joint && plain_keys) {
      return fused_cross_attention(q, joint_linear({&key, &value}, g), options, pass_).mixed;
    }
    at::Tensor k = linear(key, g);
    const at::Tensor v = linear(value, g);
    if (!plain_keys) k = rotate(k, n_heads, kind);
    if (joint) return fused_cross_attention(q, at::cat({k, v}, -1), options, pass_).mixed;
    at::Tensor scores = at::matmul(split_heads(q, n_heads), split_heads(k, n_heads).transpose(-2, -1));
    // As the reference: the bias goes in before the division.
    if (alibi) scores = scores + alibi_bias(self, n_heads, q, k).to(scores.scalar_type());
    const at::Tensor probabilities = dropout(at::softmax(scores * scale, -1), config_.dropout, pass_);
    return merge_heads(at::matmul(probabilities, split_heads(v, n_heads)));
  }

  /// Turns pairs of neighbouring channels at the beginning of each head, (n, L, H * dh).
  at::Tensor rotate(const at::Tensor& joined, int n_heads, AttentionKind kind) const {
    const at::Tensor x = joined.unflatten(-1, {n_heads, -1});  // (n, L, H, dh)
    const char* names[] = {"rotary_emb_sca", "rotary_emb_latent", "rotary_emb_temporal"};
    const RopeKind rope = kind == AttentionKind::kSpectral ? config_.rope_sca
                          : kind == AttentionKind::kLocal  ? config_.rope_latent
                                                           : config_.rope_temporal;
    const at::Tensor& frequencies = node_[names[static_cast<int>(kind)]].tensor("freqs");
    const std::int64_t length = x.size(1), turned = 2 * frequencies.size(0);
    const at::TensorOptions options = frequencies.options();
    const at::Tensor positions =
        rope == RopeKind::kPixel ? at::linspace(-1, 1, length, options) : at::arange(length, options);
    const at::Tensor angles = at::outer(positions, frequencies).unsqueeze(1);  // (L, 1, pairs)
    const at::Tensor c = angles.cos().to(x.scalar_type()), s = angles.sin().to(x.scalar_type());
    const at::Tensor pairs = x.slice(-1, 0, turned).unflatten(-1, {-1, 2});
    const at::Tensor a = pairs.select(-1, 0), b = pairs.select(-1, 1);
    const at::Tensor result = at::stack({a * c - b * s, b * c + a * s}, -1).flatten(-2);
    return at::cat({result, x.slice(-1, turned)}, -1).flatten(-2);
  }

  /// (H, Lq, Lk) for q (n, Lq, ...) and k (n, Lk, ...).
  at::Tensor alibi_bias(const ParameterNode& self, int n_heads, const at::Tensor& q, const at::Tensor& k) const {
    const std::int64_t n_queries = q.size(-2), n_keys = k.size(-2);
    const at::TensorOptions options = q.options().dtype(pass_.compute == at::kDouble ? at::kDouble : at::kFloat);
    at::Tensor slopes;
    if (config_.position == LatentPosition::kAlibi) {
      slopes = at::tensor(alibi_slopes(n_heads), at::kDouble).to(options.device(), options.dtype().toScalarType());
      slopes = slopes.view({n_heads, 1, 1});
    } else {
      slopes = at::sigmoid(self["alibi_bias"].tensor("slopes"));
    }
    const at::Tensor queries = at::arange(n_keys - n_queries, n_keys, options).unsqueeze(1);
    return -(at::arange(n_keys, options) - queries).abs() * slopes;
  }

  const ParameterNode& node_;
  const EncoderConfig& config_;
  const Pass& pass_;
  EncoderTrace* trace_;
};

}  // namespace

at::Tensor rope_frequencies(const EncoderConfig& config, RopeKind kind) {
  const int n = config.n_rope_frequencies();
  std::vector<float> frequencies;
  for (int i = 0; i < n; ++i) {
    const double share = n > 1 ? static_cast<double>(i) / (n - 1) : 0;
    frequencies.push_back(static_cast<float>(kind == RopeKind::kPixel
                                                 ? std::numbers::pi * (1 + 4 * share)
                                                 : std::pow(10000.0, -2.0 * i / config.rope_width())));
  }
  return at::tensor(frequencies, at::kFloat);
}

at::Tensor perceiver_encoder(const ParameterNode& node, const EncoderConfig& config, const at::Tensor& x,
                             const Pass& pass, EncoderTrace* trace) {
  return Perceiver(node, config, pass, trace).run(x);
}

}  // namespace yourmt3
