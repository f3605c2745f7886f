#pragma once

#include <ATen/core/Tensor.h>

#include "torchnet/layers.h"

namespace yourmt3 {

/// w2(act(w1 x) * (gate x)); no biases.
at::Tensor gated_mlp(const ParameterNode& node, const at::Tensor& x, Activation activation);

/// Every position goes through the `top_k` experts that the router likes best, weighted by a softmax over those chosen.
/// No capacity limit and no balance loss. `router_logits`, if given, receives (positions, experts).
at::Tensor mixture_of_experts(const ParameterNode& node, const at::Tensor& x, int top_k, Activation activation,
                              at::Tensor* router_logits = nullptr);

}  // namespace yourmt3
