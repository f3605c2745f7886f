#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/model_config.h"
#include "torchnet/harmonic.h"
#include "torchnet/layers.h"
#include "torchnet/parameter_node.h"
#include "torchnet/perceiver.h"

namespace yourmt3 {

/// What comes out of the encoder side for B segments.
struct EncoderOutput {
  at::Tensor memory;  ///< (B, C, S, d): what each of the C decoder channels reads.
  at::Tensor notes;   ///< (B, T, 2 P + drums) logits: onsets, sounding, drum onsets; undefined without the head.
  at::Tensor groups;  ///< (B, T, groups) logits; undefined without the head.
  at::Tensor local;   ///< (B, T, P, 2) logits of onset and sounding from the pitch features alone; undefined without.
  at::Tensor
      group_notes;  ///< (B, T, P, pitched groups) logits: a note of this pitch and group begins; undefined without.
};

/// What comes out of the decoder for R sequences of N tokens.
struct DecoderOutput {
  at::Tensor hidden;                             ///< (R, N, d) after the final norm.
  std::vector<at::Tensor> first_head_attention;  ///< Per layer (R, N, S); empty unless asked for.
};

/// The network as libtorch tensors with gradients, any ModelConfig; state dict names are the official ones.
///
/// Forward passes are const: several threads may run them on the same weights and take gradients with
/// torch::autograd::grad.
class Network : public ParameterNode {
 public:
  /// Tensors are zero until initialise() or load_weights(). Throws Error(kInvalidArgument) for a configuration that is
  /// not valid.
  explicit Network(const ModelConfig& config, at::Device device = at::kCPU);

  const ModelConfig& config() const { return config_; }

  using ParameterNode::to;
  /// Moves everything to a device, where inputs are expected from then on. Tensors keep their identity, so that lists
  /// of parameters remain valid.
  void to(at::Device device, bool non_blocking = false) override;
  at::Device device() const { return (*this)["embed_tokens"].tensor("weight").device(); }

  /// (B, T, F) to (B, T, F', C) of the residual convolutions or (B, T, d) of the harmonic front end; the identity
  /// without a pre-encoder.
  at::Tensor pre_encode(const at::Tensor& spectrogram, const Pass& pass) const;
  /// To (B, T, K, D) or (B, T, d).
  at::Tensor encode_features(const at::Tensor& pre_encoded, const Pass& pass, EncoderTrace* trace = nullptr) const;
  /// To (B, C, S, d).
  at::Tensor pre_decode(const at::Tensor& encoded, const Pass& pass) const;
  /// All of these and the auxiliary heads.
  EncoderOutput encode(const at::Tensor& spectrogram, const Pass& pass) const;

  /// Teacher forcing: input ids (R, N) int64 and memory (R, S, d).
  DecoderOutput decode(const at::Tensor& input_ids, const at::Tensor& memory, const Pass& pass,
                       bool want_attention = false) const;
  /// (..., d) to (..., V), float32, scaled as for decoding: by d^-0.5, or by decoder.logit_scale.
  at::Tensor decoding_logits(const at::Tensor& hidden) const;
  /// As the reference: in training its scale d^-0.5 is applied twice. The same as decoding_logits() when
  /// decoder.logit_scale is set.
  at::Tensor training_logits(const at::Tensor& hidden) const;

  /// Greedy decoding of memory (R, S, d) as the reference does it, (R, n) with n <= max_length: an EOS in first place
  /// does not end a row, ended rows are filled with 0. Without a cache, so that its cost grows with the square of the
  /// length: for tests and for looking at a network in training.
  at::Tensor greedy(const at::Tensor& memory, int max_length, const Pass& pass) const;

 private:
  at::Tensor scaled_logits(const at::Tensor& hidden, double scale) const;

  ModelConfig config_;
  std::optional<HarmonicFrontEnd> harmonic_;
};

/// Label ids (..., N) shifted right by one along the last axis: start token 0 in front, the last id dropped, and 0 for
/// ids below zero.
at::Tensor shift_right(const at::Tensor& labels);

}  // namespace yourmt3
