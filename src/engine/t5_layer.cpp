#include "engine/t5_layer.h"

#include <algorithm>

#include "engine/position.h"

namespace yourmt3 {
namespace {

/// Weights of several layers with one input, stacked along their outputs.
std::vector<float> stacked(const WeightReader& weights, std::initializer_list<const char*> names, int n, int k) {
  std::vector<float> all;
  for (const char* name : names) {
    const std::vector<float> one = weights.get(name, {n, k});
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

}  // namespace

T5SelfAttention::T5SelfAttention(const Kernels& kernels, const WeightReader& layer, const T5Shape& shape)
    : norm(layer.below("layer_norm."), shape.d_model, Norm::kRmsNorm, kT5NormEps) {
  const WeightReader attention = layer.below("SelfAttention.");
  qkv = Linear(kernels, stacked(attention, {"q.weight", "k.weight", "v.weight"}, shape.inner(), shape.d_model),
               3 * shape.inner(), shape.d_model);
  out = Linear(kernels, attention.get("o.weight", {shape.d_model, shape.inner()}), shape.d_model, shape.inner());
}

T5CrossAttention::T5CrossAttention(const Kernels& kernels, const WeightReader& layer, const T5Shape& shape)
    : norm(layer.below("layer_norm."), shape.d_model, Norm::kRmsNorm, kT5NormEps) {
  const WeightReader attention = layer.below("EncDecAttention.");
  q = Linear(kernels, attention.get("q.weight", {shape.inner(), shape.d_model}), shape.inner(), shape.d_model);
  kv = Linear(kernels, stacked(attention, {"k.weight", "v.weight"}, shape.inner(), shape.d_model), 2 * shape.inner(),
              shape.d_model);
  out = Linear(kernels, attention.get("o.weight", {shape.d_model, shape.inner()}), shape.d_model, shape.inner());
}

T5FeedForward::T5FeedForward(const Kernels& kernels, const WeightReader& layer, const T5Shape& shape)
    : has_norm_(shape.feed_forward != EncoderConfig::FeedForward::kMoe), width_(shape.d_model) {
  if (has_norm_) {
    norm_ = RowNorm(layer.below("layer_norm."), width_, Norm::kRmsNorm, kT5NormEps);
    feed_forward_ = FeedForward::gated(kernels, layer.below("DenseReluDense."), "wi_0.weight", "wi_1.weight",
                                       "wo.weight", width_, shape.d_ff, ElementOp::kGeluTanh);
  } else {
    feed_forward_ = FeedForward::experts(kernels, layer, width_, shape.n_experts, shape.top_k, ElementOp::kSilu);
  }
}

void T5FeedForward::add(const Compute& compute, float* x, int rows, float* normed,
                        FeedForward::Workspace& workspace) const {
  if (has_norm_) {
    norm_.apply(compute, x, rows, normed);
  } else {
    // As the reference: the experts of a T5 stack see the residual stream itself.
    std::copy(x, x + static_cast<std::ptrdiff_t>(rows) * width_, normed);
  }
  feed_forward_.add(compute, normed, rows, x, workspace);
}

std::vector<float> read_relative_bias(const WeightReader& stack, const T5Shape& shape) {
  if (!shape.relative_position_bias) return {};
  return stack.get("block.0.layer.0.SelfAttention.relative_attention_bias.weight", {32, shape.n_heads});
}

std::vector<float> read_positions(const WeightReader& stack, const T5Shape& shape, int rows) {
  if (shape.relative_position_bias) return {};
  if (stack.has("additive_pe.weight")) return stack.get("additive_pe.weight", {rows, shape.d_model});
  return sinusoid_table(rows, shape.d_model);
}

}  // namespace yourmt3
