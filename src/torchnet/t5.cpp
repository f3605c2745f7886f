#include "torchnet/t5.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>

#include <cmath>
#include <limits>

#include "torchnet/fused.h"
#include "torchnet/mixture.h"

namespace yourmt3 {
namespace {

constexpr double kEps = 1e-6;
constexpr int kBuckets = 32;
constexpr int kMaxDistance = 128;

/// Attention with a bias (1, H, N, S) on the scores. They are not divided by sqrt(dh): T5's initialisation takes care
/// of it.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias,
                  const T5Options& options, const Pass& pass) {
  const at::Tensor scores =
      at::matmul(split_heads(q, options.n_heads), split_heads(k, options.n_heads).transpose(-2, -1));
  const at::Tensor probabilities =
      dropout(at::softmax(scores + bias.to(scores.scalar_type()), -1), options.dropout, pass);
  return merge_heads(at::matmul(probabilities, split_heads(v, options.n_heads)));
}

/// The mask and the bias of self attention.
struct Bias {
  at::Tensor relative;  ///< (1, H, N, N) or undefined.
  bool causal = false;

  /// With a bias.
  at::Tensor sum(std::int64_t n) const {
    if (!causal) return relative;
    return relative + at::full({n, n}, -std::numeric_limits<float>::infinity(), relative.options()).triu(1);
  }
};

AttentionOptions attention_options(const T5Options& options, bool causal) {
  return {options.n_heads, causal, 1, options.dropout};
}

at::Tensor self_attention(const ParameterNode& layer, const T5Options& options, const at::Tensor& x, const Bias& bias,
                          const Pass& pass) {
  const ParameterNode& node = layer["SelfAttention"];
  const at::Tensor h = rms_norm(layer["layer_norm"], x, kEps, pass.compute);
  const at::Tensor qkv = joint_linear({&node["q"], &node["k"], &node["v"]}, h);
  at::Tensor mixed;
  if (bias.relative.defined()) {
    const auto parts = qkv.chunk(3, -1);
    mixed = attend(parts[0], parts[1], parts[2], bias.sum(x.size(1)), options, pass);
  } else {
    mixed = fused_self_attention(qkv, attention_options(options, bias.causal), pass).mixed;
  }
  return x + dropout(linear(node["o"], mixed), options.dropout, pass);
}

at::Tensor cross_attention(const ParameterNode& layer, const T5Options& options, const at::Tensor& x,
                           const at::Tensor& memory, const Pass& pass, at::Tensor* first_head) {
  const ParameterNode& node = layer["EncDecAttention"];
  const at::Tensor h = rms_norm(layer["layer_norm"], x, kEps, pass.compute);
  const at::Tensor q = linear(node["q"], h), kv = joint_linear({&node["k"], &node["v"]}, memory);
  const FusedAttention attention = fused_cross_attention(q, kv, attention_options(options, false), pass);
  if (first_head != nullptr) *first_head = attention.first_head;
  return x + dropout(linear(node["o"], attention.mixed), options.dropout, pass);
}

at::Tensor feed_forward(const ParameterNode& layer, const T5Options& options, const at::Tensor& x, const Pass& pass) {
  // As the reference: no norm in front of the experts and no dropout behind them.
  if (options.moe) return x + mixture_of_experts(layer, x.to(pass.compute), options.top_k, Activation::kSilu, pass);
  const ParameterNode& node = layer["DenseReluDense"];
  const at::Tensor h = rms_norm(layer["layer_norm"], x, kEps, pass.compute);
  const at::Tensor product =
      dropout(fused_gated_gelu(joint_linear({&node["wi_0"], &node["wi_1"]}, h)), options.dropout, pass);
  return x + dropout(linear(node["wo"], product), options.dropout, pass);
}

/// (1, H, N, N) from the table of the first block; undefined without one.
at::Tensor relative_bias(const ParameterNode& stack, const T5Options& options, std::int64_t n, bool bidirectional) {
  if (!options.relative_position_bias) return {};
  const at::Tensor table = stack["block"][0]["layer"][0]["SelfAttention"]["relative_attention_bias"].tensor("weight");
  const at::Tensor positions = at::arange(n, table.options().dtype(at::kLong));
  const at::Tensor delta = positions.unsqueeze(0) - positions.unsqueeze(1);  // key - query
  const std::int64_t n_buckets = bidirectional ? kBuckets / 2 : kBuckets;
  const std::int64_t n_exact = n_buckets / 2;
  const at::Tensor distance = bidirectional ? delta.abs() : (-delta).clamp_min(0);
  const double scale = static_cast<double>(n_buckets - n_exact) /
                       std::log(static_cast<double>(kMaxDistance) / static_cast<double>(n_exact));
  // float32 as the reference, so that a distance at the edge of a bucket falls on the same side.
  const at::Tensor coarse =
      ((distance.clamp_min(1).to(at::kFloat) / static_cast<double>(n_exact)).log() * scale).to(at::kLong) + n_exact;
  at::Tensor bucket = at::where(distance < n_exact, distance, coarse.clamp_max(n_buckets - 1));
  if (bidirectional) bucket = bucket + (delta > 0).to(at::kLong) * n_buckets;
  return at::embedding(table, bucket).permute({2, 0, 1}).unsqueeze(0);
}

at::Tensor add_positions(const ParameterNode& stack, const T5Options& options, const at::Tensor& x) {
  if (options.relative_position_bias) return x;
  return x + stack["additive_pe"].tensor("weight").slice(0, 0, x.size(1));
}

}  // namespace

at::Tensor t5_encoder(const ParameterNode& node, const T5Options& options, const at::Tensor& x, const Pass& pass,
                      std::vector<at::Tensor>* block_outputs) {
  at::Tensor h = dropout(add_positions(node, options, x), options.dropout, pass);
  const Bias bias = {relative_bias(node, options, x.size(1), true), false};
  for (int i = 0; i < options.n_layers; ++i) {
    const ParameterNode& layers = node["block"][static_cast<std::size_t>(i)]["layer"];
    h = self_attention(layers[0], options, h, bias, pass);
    h = feed_forward(layers[1], options, h, pass);
    if (block_outputs != nullptr) block_outputs->push_back(h);
  }
  return dropout(rms_norm(node["final_layer_norm"], h, kEps, pass.compute), options.dropout, pass);
}

at::Tensor t5_decoder(const ParameterNode& node, const T5Options& options, const at::Tensor& x,
                      const at::Tensor& memory, const Pass& pass, std::vector<at::Tensor>* first_head_attention) {
  at::Tensor h = dropout(add_positions(node, options, x), options.dropout, pass);
  const Bias bias = {relative_bias(node, options, x.size(1), false), true};
  const at::Tensor source = memory.to(pass.compute);
  for (int i = 0; i < options.n_layers; ++i) {
    const ParameterNode& layers = node["block"][static_cast<std::size_t>(i)]["layer"];
    h = self_attention(layers[0], options, h, bias, pass);
    at::Tensor first_head;
    h = cross_attention(layers[1], options, h, source, pass, first_head_attention != nullptr ? &first_head : nullptr);
    if (first_head_attention != nullptr) first_head_attention->push_back(first_head);
    h = feed_forward(layers[2], options, h, pass);
  }
  return dropout(rms_norm(node["final_layer_norm"], h, kEps, pass.compute), options.dropout, pass);
}

}  // namespace yourmt3
