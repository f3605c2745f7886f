#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace yourmt3 {

/// Cross entropy of (..., V) logits against (...) labels, summed over the labels that are not 0 (PAD) and, with a
/// `mask` of the labels' shape, that the mask keeps. Label smoothing moves that share of the weight to the mean over
/// all tokens. The gradient is exact where nothing is counted: zero.
at::Tensor token_cross_entropy_sum(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& mask = {},
                                   double label_smoothing = 0);

/// Labels that token_cross_entropy_sum() counts.
std::int64_t counted_tokens(const at::Tensor& labels, const at::Tensor& mask = {});

/// The mean over counted labels; 0 when there are none (the reference gives NaN).
at::Tensor token_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& mask = {},
                               double label_smoothing = 0);

/// Binary cross entropy of logits against targets of 0 and 1, summed; ones weigh `positive_weight`.
at::Tensor binary_cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, double positive_weight);

/// What an attention head puts on the frames within `radius` of the wanted one: (R, N) from attention (R, N, S) and
/// frames (R, N). Where the frame is -1 the value is 1.
at::Tensor mass_at_frames(const at::Tensor& attention, const at::Tensor& frames, int radius);

/// -log of mass_at_frames(), summed over all places and layers.
at::Tensor guided_attention_sum(const std::vector<at::Tensor>& attention, const at::Tensor& frames, int radius);

}  // namespace yourmt3
