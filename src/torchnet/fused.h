#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/model_config.h"
#include "torchnet/layers.h"

namespace yourmt3 {

// Operations with forward and backward passes of their own. Each does the same as the plain operations named beside it,
// which it falls back to for other types and other devices; small networks spend most of their time in the gaps between
// plain operations.

/// x rsqrt(mean(x^2) + eps) w over the last axis. The result is float32 or bfloat16.
at::Tensor fused_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps, at::ScalarType type);

/// x W^T + b; `bias` may be undefined.
at::Tensor fused_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// tanh-GELU of the first half of the last axis times the second half.
at::Tensor fused_gated_gelu(const at::Tensor& x);

/// Attention over heads that lie side by side.
struct AttentionOptions {
  int n_heads = 1;
  bool causal = false;
  double scale = 1;    ///< Of the scores. T5 has none.
  double dropout = 0;  ///< Of the probabilities, when pass.training.
};
struct FusedAttention {
  at::Tensor mixed;       ///< (R, N, H * dh).
  at::Tensor first_head;  ///< (R, N, S): where the first head looks, before dropout.
};
/// Self attention of joint queries, keys and values (R, N, 3 * H * dh).
FusedAttention fused_self_attention(const at::Tensor& qkv, const AttentionOptions& options, const Pass& pass);
/// Cross attention of queries (R, N, H * dh) over joint keys and values (R, S, 2 * H * dh). Not causal.
FusedAttention fused_cross_attention(const at::Tensor& q, const at::Tensor& kv, const AttentionOptions& options,
                                     const Pass& pass);

/// What a harmonic front end reads: for every pitch some columns of the spectrogram, in a few neighbouring frames.
struct PitchWindows {
  at::Tensor columns;         ///< (B, F + 1, T + 2 r + 8): transposed spectrogram; zeros outside, and column F is zero.
  at::Tensor bins;            ///< (P, n) int64: the columns of each pitch.
  std::int64_t n_frames;      ///< T.
  std::int64_t frame_radius;  ///< r.
};
/// The network that is applied to every pitch and frame, GELU(W2 GELU(W1 x + b1) + b2): (B, T, P, outputs). The inputs
/// of one pitch are its columns times 2 r + 1 frames, frames innermost. The spectrogram takes no gradient, and the
/// hidden layer is computed again on the way back instead of being kept: it is by far the largest array of the network.
at::Tensor fused_pitch_network(const PitchWindows& windows, const at::Tensor& w1, const at::Tensor& b1,
                               const at::Tensor& w2, const at::Tensor& b2);

/// What a head that all pitches share reads.
struct PitchStateInputs {
  at::Tensor features;  ///< (B, T, P, W): seen at AuxiliaryConfig::kGroupNoteTaps; 0 outside.
  at::Tensor hints;     ///< (B, T, P, H): behind them.
  at::Tensor frame;     ///< (B, T, outputs): added to the product.
};
/// GELU(W x + b + frame) for every pitch and frame: (B, T, P, outputs).
at::Tensor fused_pitch_states(const PitchStateInputs& inputs, const at::Tensor& weight, const at::Tensor& bias);

/// GELU(W x' + b) for every pitch and frame, (B, T, P, outputs), where x' is what AuxiliaryConfig::kContextTaps show of
/// x (B, T, P, W), zeros outside.
at::Tensor fused_pitch_context(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// GELU(W x' + b + frame) for every frame, (B, T, outputs), where x' is what AuxiliaryConfig::kDrumTaps show of `bands`
/// (B, T, W), zeros outside.
at::Tensor fused_drum_states(const at::Tensor& bands, const at::Tensor& frame, const at::Tensor& weight,
                             const at::Tensor& bias);

/// GELU(W x' + b) for every frame, (B, T, outputs), where x' is what AuxiliaryConfig::kDrumContextTaps show of x
/// (B, T, W), zeros outside.
at::Tensor fused_drum_context(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// Whether tensors of this kind take the fast way.
bool fusable(const at::Tensor& tensor);

/// While one lives nothing is fusable, in any thread: to compare with plain operations, in results or speed.
class PlainOperations {
 public:
  PlainOperations();
  ~PlainOperations();
  PlainOperations(const PlainOperations&) = delete;
  PlainOperations& operator=(const PlainOperations&) = delete;
  /// Whether one lives.
  static bool wanted();
};

}  // namespace yourmt3
