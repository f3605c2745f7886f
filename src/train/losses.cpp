#include "train/losses.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>

namespace yourmt3 {
namespace {

at::Tensor counted(const at::Tensor& labels, const at::Tensor& mask) {
  const at::Tensor present = labels != 0;
  return mask.defined() ? present.logical_and(mask.to(at::kBool)) : present;
}

}  // namespace

std::int64_t counted_tokens(const at::Tensor& labels, const at::Tensor& mask) {
  return counted(labels, mask).sum().item<std::int64_t>();
}

at::Tensor token_cross_entropy_sum(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& mask,
                                   double label_smoothing) {
  const std::int64_t n_tokens = logits.size(-1);
  // Rows that do not count are left out before any arithmetic, so that they cannot give 0 * infinity.
  const at::Tensor rows = counted(labels, mask).flatten().nonzero().squeeze(1);
  const at::Tensor kept = at::log_softmax(logits.reshape({-1, n_tokens}).index_select(0, rows).to(at::kFloat), -1);
  const at::Tensor wanted = labels.flatten().index_select(0, rows).unsqueeze(1);
  const at::Tensor sum = -kept.gather(1, wanted).sum();
  if (label_smoothing == 0) return sum;
  return sum * (1 - label_smoothing) - kept.sum() * (label_smoothing / static_cast<double>(n_tokens));
}

at::Tensor token_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& mask,
                               double label_smoothing) {
  const std::int64_t count = counted_tokens(labels, mask);
  return token_cross_entropy_sum(logits, labels, mask, label_smoothing) / static_cast<double>(count > 0 ? count : 1);
}

at::Tensor binary_cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, double positive_weight) {
  return at::binary_cross_entropy_with_logits(logits, targets, {}, at::full({1}, positive_weight, logits.options()),
                                              at::Reduction::Sum);
}

at::Tensor mass_at_frames(const at::Tensor& attention, const at::Tensor& frames, int radius) {
  const at::Tensor positions = at::arange(attention.size(-1), frames.options());
  const at::Tensor distance = (positions - frames.unsqueeze(-1)).abs();
  const at::Tensor mass = (attention.to(at::kFloat) * (distance <= radius).to(at::kFloat)).sum(-1);
  return mass.masked_fill(frames < 0, 1.0);
}

at::Tensor guided_attention_sum(const std::vector<at::Tensor>& attention, const at::Tensor& frames, int radius) {
  at::Tensor sum = at::zeros({}, frames.options().dtype(at::kFloat));
  for (const at::Tensor& layer : attention) {
    // The floor keeps a head that looks elsewhere from sending an endless gradient.
    sum = sum - mass_at_frames(layer, frames, radius).clamp_min(1e-6).log().sum();
  }
  return sum;
}

}  // namespace yourmt3
