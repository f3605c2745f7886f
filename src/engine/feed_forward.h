#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/linear.h"
#include "engine/router_choices.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

ElementOp element_op(Activation activation);

/// The feed-forward of a transformer layer in all its forms; x (rows, width) to y += FF(x).
class FeedForward {
 public:
  FeedForward() = default;
  /// dense2(act(dense1 x)) with biases; keys `dense1`, `dense2`.
  static FeedForward mlp(const Arithmetic& arithmetic, const WeightReader& weights, int width, int hidden,
                         ElementOp op);
  /// out(act(in x) * (gate x)); the names of its three weights differ between the stacks.
  static FeedForward gated(const Arithmetic& arithmetic, const WeightReader& weights, const char* in, const char* gate,
                           const char* out, int width, int hidden, ElementOp op);
  /// Each row goes through the `top_k` experts that the router likes best; keys `gate`, `experts.e.{w1,gate,w2}`.
  static FeedForward experts(const Arithmetic& arithmetic, const WeightReader& weights, int width, int n_experts,
                             int top_k, ElementOp op);

  /// Buffers between the layers, kept by the caller so that nothing is allocated from call to call.
  struct Workspace {
    FloatBuffer hidden, router, weights, sorted_weights;
    std::vector<std::int32_t> chosen, rows, first;
    RouterObserver observer = {};  ///< Experts only: told of every add(), with this segment and layer.
    int segment = 0;
    std::string layer = {};
  };
  /// y += FF(x); x and y are different arrays.
  void add(const Compute& compute, const float* x, int rows, float* y, Workspace& workspace) const;
  /// (rows, n_experts) logits of the router; experts only.
  void router_logits(const Compute& compute, const float* x, int rows, float* logits) const;

 private:
  void add_experts(const Compute& compute, const float* x, int rows, float* y, Workspace& workspace) const;

  struct Pair {
    Linear in, out;
  };
  int width_ = 0, top_k_ = 0;
  ElementOp op_ = ElementOp::kIdentity;
  Linear router_;
  std::vector<Pair> layers_;  // One, or one for each expert.
};

}  // namespace yourmt3
