#include "torchnet/mixture.h"

#include <ATen/ops/index_add.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros_like.h>

#include <tuple>

namespace yourmt3 {

at::Tensor gated_mlp(const ParameterNode& node, const at::Tensor& x, Activation activation) {
  return linear(node["w2"], activate(activation, linear(node["w1"], x)) * linear(node["gate"], x));
}

at::Tensor mixture_of_experts(const ParameterNode& node, const at::Tensor& x, int top_k, Activation activation,
                              at::Tensor* router_logits) {
  const at::Tensor flat = x.reshape({-1, x.size(-1)});
  // The router decides in float32: a flipped choice is a large error.
  const at::Tensor logits = linear(node["gate"], flat.to(at::kFloat));
  if (router_logits != nullptr) *router_logits = logits;
  const auto [chosen_logits, chosen] = logits.topk(top_k, -1);
  const at::Tensor weights = at::softmax(chosen_logits, -1);
  at::Tensor result = at::zeros_like(flat);
  const ParameterNode& experts = node["experts"];
  const std::int64_t n_experts = logits.size(-1);
  for (std::int64_t e = 0; e < n_experts; ++e) {
    const at::Tensor places = (chosen == e).nonzero();
    if (places.size(0) == 0) continue;
    const at::Tensor rows = places.select(1, 0);
    const at::Tensor share = weights.index({rows, places.select(1, 1)}).unsqueeze(1);
    const at::Tensor output = gated_mlp(experts[static_cast<std::size_t>(e)], flat.index_select(0, rows), activation);
    result = result.index_add(0, rows, (output * share).to(result.scalar_type()));
  }
  return result.view_as(x);
}

}  // namespace yourmt3
