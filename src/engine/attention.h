#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "engine/linear.h"

namespace yourmt3 {

/// Sees intermediate activations by name while a stage runs; for tests. Null in production.
using Observer = std::function<void(std::string_view name, std::span<const float> values)>;

/// Rows of a matrix: `data` and the floats from one row to the next.
struct Rows {
  const float* data = nullptr;
  std::ptrdiff_t stride = 0;
};

/// Which rows make up the sequences: position i of sequence s is row s * sequence_step + i * row_step.
struct SequenceRows {
  int length = 0;
  int sequence_step = 0;
  int row_step = 1;
};

struct HeadShape {
  int heads = 1;
  int d_qk = 0, d_v = 0;  ///< Of one head; heads lie side by side in a row.
  float scale = 1.f;
  const float* bias = nullptr;  ///< (heads, lq + lk - 1) by key - query + lq - 1, or null.
  bool causal = false;
};

/// Attention within each of n_sequences; writes rows of heads * d_v values where the queries lie.
/// `scratch` keeps its memory from call to call.
void attend(const Compute& compute, const HeadShape& shape, int n_sequences, const SequenceRows& queries,
            const SequenceRows& keys, Rows q, Rows k, Rows v, float* out, FloatBuffer& scratch);

}  // namespace yourmt3
