#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "model/model_config.h"

namespace yourmt3 {

/// The words that JSON uses for the values of an enumeration.
template <class Enum>
struct EnumNames;

template <>
struct EnumNames<FrontEndConfig::Codec> {
  using E = FrontEndConfig::Codec;
  static constexpr std::array<std::pair<E, std::string_view>, 3> kNames = {
      {{E::kLinear, "linear"}, {E::kMel, "mel"}, {E::kLogFrequency, "log_frequency"}}};
};
template <>
struct EnumNames<PreEncoderConfig::Type> {
  using E = PreEncoderConfig::Type;
  static constexpr std::array<std::pair<E, std::string_view>, 3> kNames = {
      {{E::kNone, "none"}, {E::kResidualConv, "residual_conv"}, {E::kHarmonic, "harmonic"}}};
};
template <>
struct EnumNames<Activation> {
  using E = Activation;
  static constexpr std::array<std::pair<E, std::string_view>, 6> kNames = {{{E::kGelu, "gelu"},
                                                                            {E::kSilu, "silu"},
                                                                            {E::kRelu, "relu"},
                                                                            {E::kTanh, "tanh"},
                                                                            {E::kGeluNew, "gelu_new"},
                                                                            {E::kNone, "none"}}};
};
template <>
struct EnumNames<Norm> {
  using E = Norm;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {
      {{E::kLayerNorm, "layer_norm"}, {E::kRmsNorm, "rms_norm"}}};
};
template <>
struct EnumNames<LatentPosition> {
  using E = LatentPosition;
  static constexpr std::array<std::pair<E, std::string_view>, 8> kNames = {{{E::kNone, "none"},
                                                                            {E::kTrainableTkd, "tkd"},
                                                                            {E::kTrainableTd, "td"},
                                                                            {E::kTrainableTk, "tk"},
                                                                            {E::kTrainableKdt, "kdt"},
                                                                            {E::kRope, "rope"},
                                                                            {E::kAlibi, "alibi"},
                                                                            {E::kAlibiTrained, "alibit"}}};
};
template <>
struct EnumNames<RopeKind> {
  using E = RopeKind;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {{{E::kPixel, "pixel"}, {E::kLang, "lang"}}};
};
template <>
struct EnumNames<EncoderConfig::Type> {
  using E = EncoderConfig::Type;
  static constexpr std::array<std::pair<E, std::string_view>, 2> kNames = {
      {{E::kT5, "t5"}, {E::kPerceiverTf, "perceiver_tf"}}};
};
template <>
struct EnumNames<EncoderConfig::FeedForward> {
  using E = EncoderConfig::FeedForward;
  static constexpr std::array<std::pair<E, std::string_view>, 3> kNames = {
      {{E::kMlp, "mlp"}, {E::kGatedMlp, "gmlp"}, {E::kMoe, "moe"}}};
};
template <>
struct EnumNames<PreDecoderConfig::Type> {
  using E = PreDecoderConfig::Type;
  static constexpr std::array<std::pair<E, std::string_view>, 5> kNames = {
      {{E::kNone, "none"},
       {E::kLinear, "linear"},
       {E::kMultiChannelLinear, "mc_shared_linear"},
       {E::kGroupLinear, "group_linear"},
       {E::kMlp, "mlp"}}};
};

template <class Enum>
std::string_view name_of(Enum value) {
  for (const auto& [known, name] : EnumNames<Enum>::kNames) {
    if (known == value) return name;
  }
  return {};
}

namespace detail {
template <class Struct, class Config>
concept MaybeConst = std::same_as<std::remove_const_t<Struct>, Config>;
}

// visit_fields(struct, visit) calls visit(name, member) for every member: the one list from which JSON is written and
// read, settings are overridden by name, and descriptions are made.

template <detail::MaybeConst<FrontEndConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("codec", s.codec);
  visit("sample_rate", s.sample_rate);
  visit("segment_samples", s.segment_samples);
  visit("n_fft", s.n_fft);
  visit("hop_length", s.hop_length);
  visit("n_mels", s.n_mels);
  visit("f_min", s.f_min);
  visit("f_max", s.f_max);
  visit("bins_per_semitone", s.bins_per_semitone);
  visit("pitch_min", s.pitch_min);
  visit("pitch_max", s.pitch_max);
}

template <detail::MaybeConst<PreEncoderConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("type", s.type);
  visit("n_blocks", s.n_blocks);
  visit("channels", s.channels);
  visit("kernel_t", s.kernel_t);
  visit("kernel_f", s.kernel_f);
  visit("n_pitches", s.n_pitches);
  visit("harmonics", s.harmonics);
  visit("bin_radius", s.bin_radius);
  visit("frame_radius", s.frame_radius);
  visit("hidden", s.hidden);
  visit("width", s.width);
  visit("input_gain", s.input_gain);
  visit("input_offset", s.input_offset);
}

template <detail::MaybeConst<EncoderConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("type", s.type);
  visit("d_model", s.d_model);
  visit("dropout", s.dropout);
  visit("activation", s.activation);
  visit("n_positions", s.n_positions);
  visit("n_experts", s.n_experts);
  visit("top_k", s.top_k);
  visit("feed_forward", s.feed_forward);
  visit("n_layers", s.n_layers);
  visit("n_heads", s.n_heads);
  visit("d_kv", s.d_kv);
  visit("d_ff", s.d_ff);
  visit("relative_position_bias", s.relative_position_bias);
  visit("n_latents", s.n_latents);
  visit("kv_dim", s.kv_dim);
  visit("qk_channels", s.qk_channels);
  visit("v_channels", s.v_channels);
  visit("n_cross_heads", s.n_cross_heads);
  visit("n_self_heads", s.n_self_heads);
  visit("n_blocks", s.n_blocks);
  visit("n_local_layers", s.n_local_layers);
  visit("n_temporal_layers", s.n_temporal_layers);
  visit("ff_widening", s.ff_widening);
  visit("sca_query_residual", s.sca_query_residual);
  visit("attention_to_channel", s.attention_to_channel);
  visit("norm", s.norm);
  visit("norm_eps", s.norm_eps);
  visit("position", s.position);
  visit("rope_sca", s.rope_sca);
  visit("rope_latent", s.rope_latent);
  visit("rope_temporal", s.rope_temporal);
  visit("rope_partial", s.rope_partial);
  visit("rope_apply_to_keys", s.rope_apply_to_keys);
}

template <detail::MaybeConst<PreDecoderConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("type", s.type);
  visit("activation", s.activation);
}

template <detail::MaybeConst<DecoderConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("n_channels", s.n_channels);
  visit("d_model", s.d_model);
  visit("n_layers", s.n_layers);
  visit("n_heads", s.n_heads);
  visit("d_kv", s.d_kv);
  visit("d_ff", s.d_ff);
  visit("vocab_size", s.vocab_size);
  visit("max_length", s.max_length);
  visit("n_positions", s.n_positions);
  visit("dropout", s.dropout);
  visit("logit_scale", s.logit_scale);
  visit("relative_position_bias", s.relative_position_bias);
  visit("feed_forward", s.feed_forward);
  visit("n_experts", s.n_experts);
  visit("top_k", s.top_k);
}

template <detail::MaybeConst<AuxiliaryConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("notes", s.notes);
  visit("n_groups", s.n_groups);
  visit("n_drums", s.n_drums);
  visit("drum_min", s.drum_min);
  visit("group_notes", s.group_notes);
  visit("refine_notes", s.refine_notes);
  visit("context_layers", s.context_layers);
  visit("timbre_width", s.timbre_width);
  visit("drum_width", s.drum_width);
  visit("drum_layers", s.drum_layers);
}

template <detail::MaybeConst<InferenceConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("grammar", s.grammar);
  visit("fusion_weight", s.fusion_weight);
  visit("fusion_bias", s.fusion_bias);
  visit("fusion_clamp", s.fusion_clamp);
  visit("onset_only", s.onset_only);
  visit("sounding_threshold", s.sounding_threshold);
  visit("certain_onset", s.certain_onset);
  visit("possible_onset", s.possible_onset);
  visit("certain_drum", s.certain_drum);
  visit("possible_drum", s.possible_drum);
  visit("group_weight", s.group_weight);
  visit("group_prior", s.group_prior);
  visit("overlap", s.overlap);
}

template <detail::MaybeConst<ModelConfig> S, class Visit>
void visit_fields(S& s, Visit&& visit) {
  visit("variant", s.variant);
  visit("task", s.task);
  visit("front_end", s.front_end);
  visit("pre_encoder", s.pre_encoder);
  visit("encoder", s.encoder);
  visit("pre_decoder", s.pre_decoder);
  visit("decoder", s.decoder);
  visit("auxiliary", s.auxiliary);
  visit("inference", s.inference);
}

}  // namespace yourmt3
