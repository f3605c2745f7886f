#include "engine/feed_forward.h"

#include <algorithm>
#include <cmath>

namespace yourmt3 {
namespace {

template <class Buffer>
auto* at_least(Buffer& buffer, std::size_t n) {
  if (buffer.size() < n) buffer.resize(n);
  return buffer.data();
}

std::size_t times(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

ElementOp element_op(Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return ElementOp::kGelu;
    case Activation::kSilu:
      return ElementOp::kSilu;
    case Activation::kRelu:
      return ElementOp::kRelu;
    case Activation::kTanh:
      return ElementOp::kTanh;
    case Activation::kGeluNew:
      return ElementOp::kGeluTanh;
    case Activation::kNone:
      return ElementOp::kIdentity;
  }
  return ElementOp::kIdentity;
}

FeedForward FeedForward::mlp(const Arithmetic& arithmetic, const WeightReader& weights, int width, int hidden,
                             ElementOp op) {
  FeedForward ff;
  ff.width_ = width;
  ff.op_ = op;
  ff.layers_.push_back({Linear(arithmetic, weights.get("dense1.weight", {hidden, width}), hidden, width,
                               weights.get("dense1.bias", {hidden})),
                        Linear(arithmetic, weights.get("dense2.weight", {width, hidden}), width, hidden,
                               weights.get("dense2.bias", {width}))});
  return ff;
}

FeedForward FeedForward::gated(const Arithmetic& arithmetic, const WeightReader& weights, const char* in,
                               const char* gate, const char* out, int width, int hidden, ElementOp op) {
  FeedForward ff;
  ff.width_ = width;
  ff.op_ = op;
  ff.layers_.push_back(
      {Linear::gated(arithmetic, weights.get(in, {hidden, width}), weights.get(gate, {hidden, width}), hidden, width),
       Linear(arithmetic, weights.get(out, {width, hidden}), width, hidden)});
  return ff;
}

FeedForward FeedForward::experts(const Arithmetic& arithmetic, const WeightReader& weights, int width, int n_experts,
                                 int top_k, ElementOp op) {
  FeedForward ff;
  ff.width_ = width;
  ff.op_ = op;
  ff.top_k_ = std::min(top_k, n_experts);
  ff.router_ = Linear(arithmetic.exact(), weights.get("gate.weight", {n_experts, width}), n_experts, width);
  for (int e = 0; e < n_experts; ++e) {
    const WeightReader expert = weights.below("experts." + std::to_string(e) + ".");
    const int hidden = expert.rows_of("w1.weight", width);
    FeedForward one = gated(arithmetic, expert, "w1.weight", "gate.weight", "w2.weight", width, hidden, op);
    ff.layers_.push_back(std::move(one.layers_.front()));
  }
  return ff;
}

void FeedForward::add(const Compute& compute, const float* x, int rows, float* y, Workspace& workspace) const {
  if (top_k_ > 0) return add_experts(compute, x, rows, y, workspace);
  float* hidden = at_least(workspace.hidden, times(rows, layers_[0].in.out()));
  layers_[0].in.apply(compute, x, rows, hidden, {.op = op_});
  layers_[0].out.apply(compute, hidden, rows, y, {.residual = y});
}

void FeedForward::router_logits(const Compute& compute, const float* x, int rows, float* logits) const {
  router_.apply(compute, x, rows, logits);
}

void FeedForward::add_experts(const Compute& compute, const float* x, int rows, float* y, Workspace& workspace) const {
  const int n_experts = router_.out();
  float* logits = at_least(workspace.router, times(rows, n_experts));
  router_logits(compute, x, rows, logits);

  // The k largest logits of each row, and the softmax over these alone: the same as over all, divided by their sum.
  const std::size_t n_slots = times(rows, top_k_);
  std::int32_t* chosen = at_least(workspace.chosen, n_slots);
  float* weight = at_least(workspace.weights, n_slots);
  std::int32_t* first = at_least(workspace.first, static_cast<std::size_t>(n_experts) + 1);
  std::fill(first, first + n_experts + 1, 0);
  for (int row = 0; row < rows; ++row) {
    const float* logit = logits + times(row, n_experts);
    std::int32_t* mine = chosen + times(row, top_k_);
    float* my_weight = weight + times(row, top_k_);
    float total = 0.f;
    for (int k = 0; k < top_k_; ++k) {
      int best = -1;
      for (int e = 0; e < n_experts; ++e) {
        if (std::find(mine, mine + k, e) == mine + k && (best < 0 || logit[e] > logit[best])) best = e;
      }
      mine[k] = best;
      my_weight[k] = std::exp(logit[best] - logit[mine[0]]);
      total += my_weight[k];
      ++first[best + 1];
    }
    for (int k = 0; k < top_k_; ++k) my_weight[k] /= total;
  }

  if (workspace.observer) {
    workspace.observer({workspace.segment, workspace.layer, n_experts, top_k_, {chosen, n_slots}, {weight, n_slots}});
  }

  // Rows and their weights by expert.
  for (int e = 0; e < n_experts; ++e) first[e + 1] += first[e];
  std::int32_t* sorted_rows = at_least(workspace.rows, n_slots);
  float* sorted_weights = at_least(workspace.sorted_weights, n_slots);
  for (std::size_t i = 0; i < n_slots; ++i) {
    const std::int32_t slot = first[chosen[i]]++;
    sorted_rows[slot] = static_cast<std::int32_t>(i / static_cast<std::size_t>(top_k_));
    sorted_weights[slot] = weight[i];
  }

  // One expert after the other adds to the rows that chose it: the order of a
  // row's sum is that of the experts, whatever other rows there are.
  int begin = 0;
  for (int e = 0; e < n_experts; ++e) {
    const Pair& expert = layers_[static_cast<std::size_t>(e)];
    const int n = first[e] - begin;  // first[e] has moved to the end of e's slots.
    float* hidden = at_least(workspace.hidden, times(n, expert.in.out()));
    expert.in.apply(compute, x, n, hidden, {.op = op_, .x_rows = sorted_rows + begin});
    expert.out.apply(compute, hidden, n, y,
                     {.residual = y, .y_rows = sorted_rows + begin, .factors = sorted_weights + begin});
    begin = first[e];
  }
}

}  // namespace yourmt3
