#pragma once

#include <ATen/core/Tensor.h>

#include "torchnet/layers.h"

namespace yourmt3 {

/// w2(act(w1 x) * (gate x)); no biases.
at::Tensor gated_mlp(const ParameterNode& node, const at::Tensor& x, Activation activation);

/// Every position goes through the `top_k` experts that the router likes best, weighted by a softmax over those chosen.
/// No capacity limit. What the router did goes into pass.record; `router_logits`, if given, receives (positions,
/// experts). `x` has at least one position.
at::Tensor mixture_of_experts(const ParameterNode& node, const at::Tensor& x, int top_k, Activation activation,
                              const Pass& pass, at::Tensor* router_logits = nullptr);

}  // namespace yourmt3
