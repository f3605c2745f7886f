#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>
#include <vector>

#include "torchnet/cpu_kernels.h"
#include "torchnet/fused.h"

namespace yourmt3 {
namespace {

using cpu_kernels::MatrixView;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Where queries, keys and values of one row and head lie: offsets in floats from the row's start, and row strides.
struct Layout {
  std::int64_t rows, n, s, heads, width;  // R, N, S, H, dh.
  std::int64_t q_stride, kv_stride;       // From one position to the next.
  std::int64_t k_offset, v_offset;        // Within a position of the second tensor.

  std::int64_t inner() const { return heads * width; }
};

Layout layout_of(const at::Tensor& q, const at::Tensor& kv, std::int64_t n_heads) {
  Layout layout{};
  const bool self = kv.is_same(q);
  layout.rows = q.size(0);
  layout.n = q.size(1);
  layout.s = kv.size(1);
  layout.heads = n_heads;
  layout.q_stride = q.size(2);
  layout.kv_stride = kv.size(2);
  const std::int64_t inner = self ? q.size(2) / 3 : q.size(2);
  layout.width = inner / n_heads;
  layout.k_offset = self ? inner : 0;
  layout.v_offset = layout.k_offset + inner;
  return layout;
}

/// Each row and head has a seed of its own, so that places stay below 2^32 and neither order nor threads matter.
std::uint64_t seed_of(std::int64_t seed, std::int64_t block) {
  return static_cast<std::uint64_t>(seed) + 0x9E3779B97F4A7C15u * static_cast<std::uint64_t>(block + 1);
}

/// The probabilities of one row and head behind dropout; `buffer` holds them where they differ.
const float* kept_of(const float* p, std::int64_t count, double rate, std::int64_t seed, std::int64_t block,
                     std::vector<float>& buffer) {
  if (rate <= 0) return p;
  cpu_kernels::dropout(p, count, rate, seed_of(seed, block), 0, buffer.data());
  return buffer.data();
}

/// Takes (qkv, qkv) or (q, kv); gives the mixed values and the probabilities of the first head.
class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static tensor_list forward(AutogradContext* context, const at::Tensor& first, const at::Tensor& second,
                             std::int64_t n_heads, bool causal, double scale, double rate, std::int64_t seed) {
    const at::Tensor q = first.contiguous();
    const at::Tensor kv = second.is_same(first) ? q : second.contiguous();
    const Layout l = layout_of(q, kv, n_heads);
    at::Tensor mixed = at::empty({l.rows, l.n, l.inner()}, q.options());
    at::Tensor probabilities = at::empty({l.rows, l.heads, l.n, l.s}, q.options());
    at::Tensor first_head = at::empty({l.rows, l.n, l.s}, q.options());
    const std::int64_t n_scores = l.n * l.s;
    std::vector<float> dropped(static_cast<std::size_t>(rate > 0 ? n_scores : 0));
    for (std::int64_t r = 0; r < l.rows; ++r) {
      const float* queries = q.data_ptr<float>() + r * l.n * l.q_stride;
      const float* others = kv.data_ptr<float>() + r * l.s * l.kv_stride;
      for (std::int64_t h = 0; h < l.heads; ++h) {
        const std::int64_t at = h * l.width;
        float* p = probabilities.data_ptr<float>() + (r * l.heads + h) * l.n * l.s;
        cpu_kernels::multiply(l.n, l.s, l.width, {queries + at, l.q_stride},
                              {others + l.k_offset + at, l.kv_stride, true}, p, l.s, false);
        for (std::int64_t i = 0; i < l.n; ++i) {
          cpu_kernels::softmax_row(p + i * l.s, causal ? i + 1 : l.s, l.s, static_cast<float>(scale));
        }
        const float* kept = kept_of(p, n_scores, rate, seed, r * l.heads + h, dropped);
        cpu_kernels::multiply(l.n, l.width, l.s, {kept, l.s}, {others + l.v_offset + at, l.kv_stride},
                              mixed.data_ptr<float>() + r * l.n * l.inner() + at, l.inner(), false);
        if (h == 0) std::copy(p, p + n_scores, first_head.data_ptr<float>() + r * l.n * l.s);
      }
    }
    context->save_for_backward({q, kv, probabilities});
    context->saved_data["heads"] = n_heads;
    context->saved_data["self"] = second.is_same(first);
    context->saved_data["scale"] = scale;
    context->saved_data["rate"] = rate;
    context->saved_data["seed"] = seed;
    return {mixed, first_head};
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const at::Tensor& q = saved[0];
    const bool self = context->saved_data["self"].toBool();
    const at::Tensor kv = self ? q : saved[1];
    const at::Tensor& probabilities = saved[2];
    const Layout l = layout_of(q, kv, context->saved_data["heads"].toInt());
    at::Tensor grad_q = at::empty(q.sizes(), q.options());
    at::Tensor grad_kv = self ? grad_q : at::empty(kv.sizes(), kv.options());
    const at::Tensor grad_mixed =
        gradients[0].defined() ? gradients[0].contiguous() : at::zeros({l.rows, l.n, l.inner()}, q.options());
    const at::Tensor grad_first = gradients[1].defined() ? gradients[1].contiguous() : at::Tensor();
    const double rate = context->saved_data["rate"].toDouble();
    const auto scale = static_cast<float>(context->saved_data["scale"].toDouble());
    const std::int64_t seed = context->saved_data["seed"].toInt(), n_scores = l.n * l.s;
    std::vector<float> scores(static_cast<std::size_t>(n_scores)), dropped(rate > 0 ? scores.size() : 0);
    for (std::int64_t r = 0; r < l.rows; ++r) {
      const std::int64_t q_row = r * l.n * l.q_stride, kv_row = r * l.s * l.kv_stride;
      const float* queries = q.data_ptr<float>() + q_row;
      const float* others = kv.data_ptr<float>() + kv_row;
      for (std::int64_t h = 0; h < l.heads; ++h) {
        const std::int64_t at = h * l.width;
        const float* p = probabilities.data_ptr<float>() + (r * l.heads + h) * l.n * l.s;
        const float* g = grad_mixed.data_ptr<float>() + r * l.n * l.inner() + at;
        float* ds = scores.data();
        const std::int64_t block = r * l.heads + h;
        const MatrixView values = {others + l.v_offset + at, l.kv_stride, true};
        cpu_kernels::multiply(l.n, l.s, l.width, {g, l.inner()}, values, ds, l.s, false);
        if (rate > 0) cpu_kernels::dropout(ds, n_scores, rate, seed_of(seed, block), 0, ds);
        if (h == 0 && grad_first.defined()) {
          const float* extra = grad_first.data_ptr<float>() + r * n_scores;
          for (std::int64_t i = 0; i < n_scores; ++i) ds[i] += extra[i];
        }
        for (std::int64_t i = 0; i < l.n; ++i) cpu_kernels::softmax_row_backward(p + i * l.s, ds + i * l.s, l.s, scale);
        const float* kept = kept_of(p, n_scores, rate, seed, block, dropped);
        float* to_q = grad_q.data_ptr<float>() + q_row + at;
        float* to_kv = grad_kv.data_ptr<float>() + kv_row + at;
        cpu_kernels::multiply(l.n, l.width, l.s, {ds, l.s}, {others + l.k_offset + at, l.kv_stride}, to_q, l.q_stride,
                              false);
        cpu_kernels::multiply(l.s, l.width, l.n, {ds, l.s, true}, {queries + at, l.q_stride}, to_kv + l.k_offset,
                              l.kv_stride, false);
        cpu_kernels::multiply(l.s, l.width, l.n, {kept, l.s, true}, {g, l.inner()}, to_kv + l.v_offset, l.kv_stride,
                              false);
      }
    }
    return {grad_q, self ? at::Tensor() : grad_kv, {}, {}, {}, {}, {}};
  }
};

FusedAttention plain_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                               const AttentionOptions& options, const Pass& pass) {
  const at::Tensor heads = options.scale == 1 ? q : q * options.scale;
  at::Tensor scores =
      at::matmul(split_heads(heads, options.n_heads), split_heads(k, options.n_heads).transpose(-2, -1));
  if (options.causal) {
    const std::int64_t n = q.size(1);
    scores = scores + at::full({n, n}, -std::numeric_limits<float>::infinity(), scores.options()).triu(1);
  }
  const at::Tensor probabilities = at::softmax(scores, -1);
  const at::Tensor kept = dropout(probabilities, options.dropout, pass);
  return {merge_heads(at::matmul(kept, split_heads(v, options.n_heads))), probabilities.select(1, 0)};
}

/// (qkv, qkv) or (q, kv) through the kernels.
FusedAttention fast_attention(const at::Tensor& first, const at::Tensor& second, const AttentionOptions& options,
                              const Pass& pass) {
  const double rate = pass.training ? options.dropout : 0;
  std::int64_t seed = 0;
  if (rate > 0) {
    const at::TensorOptions type(at::kLong);
    constexpr std::int64_t kHigh = std::numeric_limits<std::int64_t>::max();
    seed = (pass.generator.defined() ? at::randint(kHigh, {1}, pass.generator, type) : at::randint(kHigh, {1}, type))
               .item<std::int64_t>();
  }
  const tensor_list result =
      AttentionFunction::apply(first, second, options.n_heads, options.causal, options.scale, rate, seed);
  return {result[0], result[1]};
}

}  // namespace

FusedAttention fused_self_attention(const at::Tensor& qkv, const AttentionOptions& options, const Pass& pass) {
  if (fusable(qkv)) return fast_attention(qkv, qkv, options, pass);
  const auto parts = qkv.chunk(3, -1);
  return plain_attention(parts[0], parts[1], parts[2], options, pass);
}

FusedAttention fused_cross_attention(const at::Tensor& q, const at::Tensor& kv, const AttentionOptions& options,
                                     const Pass& pass) {
  if (fusable(q)) return fast_attention(q, kv, options, pass);
  const auto parts = kv.chunk(2, -1);
  return plain_attention(q, parts[0], parts[1], options, pass);
}

}  // namespace yourmt3
