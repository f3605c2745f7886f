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

/// weight (inner, d_model) times projection (d_model, width), unless that is empty.
std::vector<float> folded(std::vector<float> weight, const T5Shape& shape, std::span<const float> projection) {
  if (projection.empty()) return weight;
  const std::size_t d = static_cast<std::size_t>(shape.d_model), width = projection.size() / d;
  const std::vector<double> wide(projection.begin(), projection.end());
  std::vector<float> product;
  std::vector<double> sums(width);
  for (std::size_t row = 0; row < weight.size() / d; ++row) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t i = 0; i < d; ++i) {
      const double factor = weight[row * d + i];
      for (std::size_t j = 0; j < width; ++j) sums[j] += factor * wide[i * width + j];
    }
    product.insert(product.end(), sums.begin(), sums.end());
  }
  return product;
}

/// (rows, columns) to (columns, rows).
std::vector<float> transposed(std::span<const float> matrix, int columns) {
  const std::size_t n = static_cast<std::size_t>(columns), rows = matrix.size() / n;
  std::vector<float> result(matrix.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < n; ++j) result[j * rows + i] = matrix[i * n + j];
  }
  return result;
}

/// (rows, heads, in) to (rows, heads, out) with a layer for each head.
void apply_by_head(const Compute& compute, const std::vector<Linear>& heads, const float* x, int rows, float* y) {
  constexpr int kTaskRows = 30;
  const int n_heads = static_cast<int>(heads.size()), in = heads[0].in(), out = heads[0].out();
  const double work = static_cast<double>(n_heads) * in * out * (rows + 8);  // The weights come from memory.
  compute.team.run(n_heads * ((rows + kTaskRows - 1) / kTaskRows), work, [&](int task, int) {
    const int head = task % n_heads, row = task / n_heads * kTaskRows;
    const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(row) * n_heads + head;
    heads[static_cast<std::size_t>(head)].apply_alone(compute.kernels, x + from * in, std::min(kTaskRows, rows - row),
                                                      y + from * out,
                                                      {.x_stride = n_heads * in, .y_stride = n_heads * out});
  });
}

}  // namespace

T5SelfAttention::T5SelfAttention(const Arithmetic& arithmetic, const WeightReader& layer, const T5Shape& shape)
    : norm(layer.below("layer_norm."), shape.d_model, Norm::kRmsNorm, kT5NormEps) {
  const WeightReader attention = layer.below("SelfAttention.");
  qkv = Linear(arithmetic, stacked(attention, {"q.weight", "k.weight", "v.weight"}, shape.inner(), shape.d_model),
               3 * shape.inner(), shape.d_model);
  out = Linear(arithmetic, attention.get("o.weight", {shape.d_model, shape.inner()}), shape.d_model, shape.inner());
}

T5CrossAttention::T5CrossAttention(const Arithmetic& arithmetic, const WeightReader& layer, const T5Shape& shape,
                                   std::span<const float> projection)
    : norm(layer.below("layer_norm."), shape.d_model, Norm::kRmsNorm, kT5NormEps) {
  const WeightReader attention = layer.below("EncDecAttention.");
  q = Linear(arithmetic, attention.get("q.weight", {shape.inner(), shape.d_model}), shape.inner(), shape.d_model);
  out = Linear(arithmetic, attention.get("o.weight", {shape.d_model, shape.inner()}), shape.d_model, shape.inner());
  const std::vector<float> k = folded(attention.get("k.weight", {shape.inner(), shape.d_model}), shape, projection);
  const std::vector<float> v = folded(attention.get("v.weight", {shape.inner(), shape.d_model}), shape, projection);
  const std::size_t head = k.size() / static_cast<std::size_t>(shape.n_heads);
  const int width = static_cast<int>(head / static_cast<std::size_t>(shape.d_kv));
  for (std::size_t h = 0; h < static_cast<std::size_t>(shape.n_heads); ++h) {
    keys_.emplace_back(arithmetic, transposed(std::span(k).subspan(h * head, head), width), width, shape.d_kv);
    values_.emplace_back(arithmetic, std::span(v).subspan(h * head, head), shape.d_kv, width);
  }
}

void T5CrossAttention::to_memory(const Compute& compute, const float* x, int rows, float* queries) const {
  apply_by_head(compute, keys_, x, rows, queries);
}

void T5CrossAttention::from_memory(const Compute& compute, const float* sums, int rows, float* mixed) const {
  apply_by_head(compute, values_, sums, rows, mixed);
}

T5FeedForward::T5FeedForward(const Arithmetic& arithmetic, const WeightReader& layer, const T5Shape& shape)
    : has_norm_(shape.feed_forward != EncoderConfig::FeedForward::kMoe), width_(shape.d_model) {
  if (has_norm_) {
    norm_ = RowNorm(layer.below("layer_norm."), width_, Norm::kRmsNorm, kT5NormEps);
    feed_forward_ = FeedForward::gated(arithmetic, layer.below("DenseReluDense."), "wi_0.weight", "wi_1.weight",
                                       "wo.weight", width_, shape.d_ff, ElementOp::kGeluTanh);
  } else {
    feed_forward_ = FeedForward::experts(arithmetic, layer, width_, shape.n_experts, shape.top_k, ElementOp::kSilu);
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
