#include "torchnet/network.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "torchnet/drum_head.h"
#include "torchnet/group_notes.h"
#include "torchnet/pre_decoder.h"
#include "torchnet/residual_conv.h"
#include "torchnet/t5.h"
#include "torchnet/timbre.h"

namespace yourmt3 {
namespace {

constexpr std::int64_t kEos = 1;

T5Options encoder_options(const EncoderConfig& config) {
  return {config.n_layers,
          config.n_heads,
          config.dropout,
          config.relative_position_bias,
          config.feed_forward == EncoderConfig::FeedForward::kMoe,
          config.top_k};
}

T5Options decoder_options(const DecoderConfig& config) {
  return {config.n_layers,
          config.n_heads,
          config.dropout,
          config.relative_position_bias,
          config.feed_forward == EncoderConfig::FeedForward::kMoe,
          config.top_k};
}

ParameterNode::Role role_of(TensorSpec::Kind kind) {
  switch (kind) {
    case TensorSpec::Kind::kFrozen:
      return ParameterNode::Role::kFrozen;
    case TensorSpec::Kind::kBuffer:
      return ParameterNode::Role::kBuffer;
    case TensorSpec::Kind::kParameter:
      break;
  }
  return ParameterNode::Role::kTrained;
}

}  // namespace

Network::Network(const ModelConfig& config, at::Device device) : config_(config) {
  validate(config_);
  for (const TensorSpec& spec : expected_tensors(config_)) {
    // The front end computes its own constants, and copies of a tensor are written where they are wanted, by the
    // reader.
    if (spec.name.starts_with("spectrogram.") || !spec.alias_of.empty()) continue;
    const at::ScalarType type = spec.dtype == DType::kI64 ? at::kLong : at::kFloat;
    at::Tensor tensor = at::zeros(spec.shape, at::TensorOptions().dtype(type));
    if (spec.name.ends_with("additive_pe.weight")) tensor = sinusoid_table(spec.shape[0], spec.shape[1]);
    if (spec.name.ends_with("_sca.freqs")) tensor = rope_frequencies(config_.encoder, config_.encoder.rope_sca);
    if (spec.name.ends_with("_latent.freqs")) tensor = rope_frequencies(config_.encoder, config_.encoder.rope_latent);
    if (spec.name.ends_with("_temporal.freqs")) {
      tensor = rope_frequencies(config_.encoder, config_.encoder.rope_temporal);
    }
    add(spec.name, tensor.to(device), role_of(spec.kind));
  }
  if (config_.pre_encoder.type == PreEncoderConfig::Type::kHarmonic) {
    harmonic_.emplace(config_);
    harmonic_->to(device);
  }
}

void Network::to(at::Device device, bool non_blocking) {
  ParameterNode::to(device, non_blocking);
  if (harmonic_) harmonic_->to(device);
}

at::Tensor Network::pre_encode(const at::Tensor& spectrogram, const Pass& pass) const {
  if (harmonic_) {
    const ParameterNode& node = (*this)["pre_encoder"];
    const at::Tensor scaled = harmonic_->scaled(spectrogram);
    return harmonic_->frame_vectors(node, harmonic_->pitch_features(node, scaled, pass), scaled, pass);
  }
  if (config_.pre_encoder.type == PreEncoderConfig::Type::kNone) return spectrogram;
  return residual_conv((*this)["pre_encoder"][0], config_.pre_encoder, spectrogram, pass);
}

at::Tensor Network::encode_features(const at::Tensor& pre_encoded, const Pass& pass, EncoderTrace* trace) const {
  const ParameterNode& encoder = (*this)["encoder"];
  if (config_.encoder.type == EncoderConfig::Type::kT5) {
    return t5_encoder(encoder["encoder"], encoder_options(config_.encoder), pre_encoded, pass,
                      trace != nullptr ? &trace->blocks : nullptr);
  }
  return perceiver_encoder(encoder, config_.encoder, pre_encoded, pass, trace);
}

at::Tensor Network::pre_decode(const at::Tensor& encoded, const Pass& pass) const {
  return pre_decoder(*this, config_, encoded, pass);
}

EncoderOutput Network::encode(const at::Tensor& spectrogram, const Pass& pass) const {
  EncoderOutput output;
  at::Tensor features, frames, scaled;
  const auto head = [&](const char* name, const at::Tensor& x) {
    return widened(linear((*this)["auxiliary"][name], x));
  };
  if (harmonic_) {
    const ParameterNode& node = (*this)["pre_encoder"];
    scaled = harmonic_->scaled(spectrogram);
    features = harmonic_->pitch_features(node, scaled, pass);
    frames = harmonic_->frame_vectors(node, features, scaled, pass);
    if (config_.auxiliary.notes) output.local = head("local", features);
  } else {
    frames = pre_encode(spectrogram, pass);
  }
  const at::Tensor encoded = encode_features(frames, pass);
  if (config_.auxiliary.notes) output.notes = head("notes", encoded);
  if (config_.auxiliary.drum_width > 0) {
    output.notes = refined_drums((*this)["auxiliary"]["drums"], scaled, encoded, output.notes);
  }
  if (config_.auxiliary.n_groups > 0) output.groups = head("groups", encoded);
  if (config_.auxiliary.group_notes > 0) {
    const ParameterNode& node = (*this)["auxiliary"]["group_notes"];
    const at::Tensor states = pitch_states(node, features, encoded);
    if (config_.auxiliary.refine_notes) output.notes = refined_notes(node, states, output.notes);
    const at::Tensor onsets = output.notes.slice(2, 0, config_.pre_encoder.n_pitches);
    output.group_notes = group_note_logits(node, states, onsets);
    if (config_.auxiliary.timbre_width > 0) {
      output.group_notes = with_timbre((*this)["auxiliary"]["timbre"], config_,
                                       {scaled, harmonic_->silence(), states, encoded, onsets}, output.group_notes);
    }
  }
  output.memory = pre_decode(encoded, pass);
  return output;
}

DecoderOutput Network::decode(const at::Tensor& input_ids, const at::Tensor& memory, const Pass& pass,
                              bool want_attention) const {
  DecoderOutput output;
  const at::Tensor embedded = at::embedding((*this)["embed_tokens"].tensor("weight"), input_ids);
  output.hidden = t5_decoder((*this)["decoder"]["decoder"], decoder_options(config_.decoder), embedded, memory, pass,
                             want_attention ? &output.first_head_attention : nullptr);
  return output;
}

at::Tensor Network::scaled_logits(const at::Tensor& hidden, double scale) const {
  return widened(linear((*this)["lm_head"]["lm_head"], hidden * scale));
}

at::Tensor Network::decoding_logits(const at::Tensor& hidden) const {
  const double own = config_.decoder.logit_scale;
  return scaled_logits(hidden, own != 0 ? own : 1 / std::sqrt(static_cast<double>(config_.decoder.d_model)));
}

at::Tensor Network::training_logits(const at::Tensor& hidden) const {
  const double own = config_.decoder.logit_scale;
  return scaled_logits(hidden, own != 0 ? own : 1.0 / config_.decoder.d_model);
}

at::Tensor Network::greedy(const at::Tensor& memory, int max_length, const Pass& pass) const {
  const at::NoGradGuard no_grad;
  const std::int64_t rows = memory.size(0);
  at::Tensor input =
      at::zeros({rows, 1}, memory.options().dtype(at::kLong));  // The start token; what was predicted follows.
  at::Tensor unfinished = at::ones({rows}, memory.options().dtype(at::kBool));
  std::vector<at::Tensor> shown;
  for (int i = 0; i < max_length; ++i) {
    const at::Tensor hidden = decode(input, memory, pass).hidden.select(1, -1);
    const at::Tensor next = decoding_logits(hidden).argmax(-1);
    // As the reference: what is fed is the raw prediction, also of rows that have ended.
    input = at::cat({input, next.unsqueeze(1)}, 1);
    shown.push_back(i == 0 ? next : next * unfinished);
    if (i == 0) continue;
    unfinished = unfinished.logical_and(shown.back() != kEos);
    if (!unfinished.any().item<bool>()) break;
  }
  return at::stack(shown, 1);
}

at::Tensor shift_right(const at::Tensor& labels) {
  return at::constant_pad_nd(labels, {1, -1}, 0).clamp_min(0);
}

}  // namespace yourmt3
