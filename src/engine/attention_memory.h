#pragma once

#include "engine/attention.h"
#include "engine/linear.h"

namespace yourmt3 {

/// A sequence of S vectors that serve as their own keys and values, rearranged once for products with many queries.
class AttentionMemory {
 public:
  AttentionMemory() = default;
  /// Copies (S, width).
  AttentionMemory(const Kernels& kernels, Rows memory, int length, int width);

  /// Floats of scratch that attend() takes.
  static std::size_t scratch(int n_queries, int length);
  /// out_i = sum_j softmax_j(q_i·m_j) m_j; queries and `out` (n_queries, width). On the caller's thread. A query's
  /// result does not depend on those beside it, to the last bit.
  void attend(const Kernels& kernels, const float* queries, int n_queries, float* out, float* scratch) const;

 private:
  Linear scores_;  // width -> S.
  Linear sum_;     // S -> width.
};

}  // namespace yourmt3
