#pragma once

#include <vector>

#include "model/model_config.h"

namespace yourmt3 {

/// (rows, width): sines in the first half of a row, cosines in the second, of row * 10000^(-2i / width).
std::vector<float> sinusoid_table(int rows, int width);

/// Bucket of T5's relative position bias for key - query; 32 buckets, distances from 128 share the last.
int relative_position_bucket(int key_minus_query, bool bidirectional);

/// Expands T5's bias table (32, heads) to (heads, 2 * length - 1) values by key - query + length - 1.
std::vector<float> relative_position_bias(const std::vector<float>& table, int heads, int length, bool bidirectional);

/// Slopes of ALiBi for n heads. Source: Press et al. 2022, and their code for n that is no power of two.
std::vector<float> alibi_slopes(int heads);

/// ALiBi biases (heads, lq + lk - 1) by key - query + lq - 1, divided by sqrt(d_head) because the reference adds them
/// before that division.
std::vector<float> alibi_bias(const std::vector<float>& slopes, int lq, int lk, int d_head);

/// Frequencies of the rotation of the first 2 * (width / 2) channels of each head.
std::vector<float> rope_frequencies(RopeKind kind, int width);

/// Rotation by position, interleaved pairs: channels 2i and 2i + 1 turn by position * frequency i.
class Rope {
 public:
  Rope() = default;
  Rope(RopeKind kind, const std::vector<float>& frequencies, int length);

  bool empty() const { return pairs_ == 0; }
  /// Rotates the heads of the vector at position `n`; `x` holds heads * d_head values.
  void rotate(float* x, int n, int heads, int d_head) const;

 private:
  int pairs_ = 0;
  std::vector<float> cosines_, sines_;  // (length, pairs)
};

}  // namespace yourmt3
