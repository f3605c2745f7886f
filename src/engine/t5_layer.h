#pragma once

#include <span>
#include <vector>

#include "engine/feed_forward.h"
#include "engine/linear.h"
#include "engine/norm.h"
#include "engine/weight_reader.h"

namespace yourmt3 {

/// Sizes that all layers of a T5 stack share.
struct T5Shape {
  int d_model, n_layers, n_heads, d_kv, d_ff;
  bool relative_position_bias;
  EncoderConfig::FeedForward feed_forward;
  int n_experts, top_k;

  int inner() const { return n_heads * d_kv; }  ///< Width of the queries, keys or values of all heads.
};

constexpr float kT5NormEps = 1e-6f;

/// Projections of T5 attention; no biases, and no 1/sqrt(d_kv): the trained weights include it.
struct T5SelfAttention {
  T5SelfAttention(const Arithmetic& arithmetic, const WeightReader& layer, const T5Shape& shape);
  RowNorm norm;
  Linear qkv;  ///< d_model -> queries, keys, values side by side.
  Linear out;
};

/// Attention to a memory whose keys and values are never computed. As q·(K m) = (Kᵀq)·m, queries go to the width of the
/// memory, one for each head; as sum p (V m) = V (sum p m), weighted sums of the memory come from there. For a token
/// this is more arithmetic than with cached keys and values, but these are 2 * n_layers * inner floats for each
/// position of the memory, to be computed for every row and read in every step, where the memory itself is `width`
/// floats.
struct T5CrossAttention {
  /// `projection` (d_model, width), unless empty, is a linear layer between memory and decoder; it is folded in.
  T5CrossAttention(const Arithmetic& arithmetic, const WeightReader& layer, const T5Shape& shape,
                   std::span<const float> projection);

  /// (rows, inner) to (rows, heads, width).
  void to_memory(const Compute& compute, const float* x, int rows, float* queries) const;
  /// (rows, heads, width) to (rows, inner).
  void from_memory(const Compute& compute, const float* sums, int rows, float* mixed) const;

  RowNorm norm;
  Linear q;
  Linear out;

 private:
  std::vector<Linear> keys_;    // By head: d_kv -> width.
  std::vector<Linear> values_;  // By head: width -> d_kv.
};

/// Gated tanh-GELU behind a norm, or experts without one.
class T5FeedForward {
 public:
  T5FeedForward(const Arithmetic& arithmetic, const WeightReader& layer, const T5Shape& shape);
  /// x += FF(x); `normed` is scratch for as many values.
  void add(const Compute& compute, float* x, int rows, float* normed, FeedForward::Workspace& workspace) const;

 private:
  bool has_norm_;
  int width_;
  RowNorm norm_;
  FeedForward feed_forward_;
};

/// Bias table of the stack's first layer, or empty.
std::vector<float> read_relative_bias(const WeightReader& stack, const T5Shape& shape);
/// The stack's sinusoid table (rows, d_model): the stored one, else computed; empty with relative biases.
std::vector<float> read_positions(const WeightReader& stack, const T5Shape& shape, int rows);

}  // namespace yourmt3
