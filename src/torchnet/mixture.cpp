#include "torchnet/mixture.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/topk.h>

#include <tuple>
#include <vector>

namespace yourmt3 {
namespace {

ExpertLoad load_of(const std::string& layer, const at::Tensor& counts, const at::Tensor& logits) {
  const at::Tensor shares = counts.to(logits.scalar_type()) / counts.sum();
  const at::Tensor probabilities = at::softmax(logits, -1).mean(0);
  return {layer, counts, (shares * probabilities).sum() * static_cast<double>(logits.size(-1))};
}

}  // namespace

at::Tensor gated_mlp(const ParameterNode& node, const at::Tensor& x, Activation activation) {
  return linear(node["w2"], activate(activation, linear(node["w1"], x)) * linear(node["gate"], x));
}

at::Tensor mixture_of_experts(const ParameterNode& node, const at::Tensor& x, int top_k, Activation activation,
                              const Pass& pass, at::Tensor* router_logits) {
  const std::int64_t width = x.size(-1);
  const at::Tensor flat = x.reshape({-1, width});
  // The router decides in float32: a flipped choice is a large error.
  const at::Tensor logits = linear(node["gate"], widened(flat));
  if (router_logits != nullptr) *router_logits = logits;
  const auto [chosen_logits, chosen] = logits.topk(top_k, -1);
  const at::Tensor weights = at::softmax(chosen_logits, -1);
  const at::Tensor assigned = chosen.flatten();  // (positions * top_k)
  const at::Tensor counts = (assigned.unsqueeze(1) == at::arange(logits.size(-1), assigned.options())).sum(0);
  if (pass.record != nullptr) pass.record->experts.push_back(load_of(node.path(), counts, logits));

  // Sorted by expert, so that each of them takes one piece. The sizes of the pieces are all that a device has to tell
  // the host; and as every row is read once by each permutation, the way back adds nothing up in an order of its own.
  const at::Tensor order = assigned.argsort();
  const at::Tensor sorted = flat.unsqueeze(1).expand({-1, top_k, -1}).reshape({-1, width}).index_select(0, order);
  const at::Tensor host_counts = counts.to(at::kCPU);
  const std::int64_t* sizes = host_counts.data_ptr<std::int64_t>();
  std::vector<at::Tensor> outputs;
  std::int64_t first = 0;
  for (std::int64_t e = 0; e < counts.size(0); first += sizes[e++]) {
    if (sizes[e] == 0) continue;
    outputs.push_back(
        gated_mlp(node["experts"][static_cast<std::size_t>(e)], sorted.slice(0, first, first + sizes[e]), activation));
  }
  const at::Tensor restored = at::cat(outputs).index_select(0, order.argsort()).view({-1, top_k, width});
  return (restored * weights.unsqueeze(-1)).sum(1).to(x.scalar_type()).view(x.sizes());
}

}  // namespace yourmt3
