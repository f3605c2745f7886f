#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/model_config.h"
#include "support/formula_weights.h"

namespace yourmt3::testing {

/// A PerceiverTF network of a few thousand weights; sizes avoid multiples of vector widths.
inline ModelConfig tiny_perceiver() {
  ModelConfig config;
  config.front_end.segment_samples = 2999;
  config.front_end.n_fft = 128;
  config.front_end.hop_length = 300;  // 10 frames of 64 bins.
  config.pre_encoder.n_blocks = 2;
  config.pre_encoder.channels = 5;
  EncoderConfig& encoder = config.encoder;
  encoder.d_model = 12;
  encoder.kv_dim = 16;
  encoder.qk_channels = 24;
  encoder.v_channels = 16;
  encoder.n_cross_heads = 4;
  encoder.n_self_heads = 2;
  encoder.n_latents = 6;
  encoder.n_positions = 14;
  encoder.n_blocks = 2;
  encoder.n_local_layers = 1;
  encoder.n_temporal_layers = 2;
  encoder.ff_widening = 2;
  encoder.n_experts = 5;
  DecoderConfig& decoder = config.decoder;
  decoder.d_model = 18;
  decoder.n_layers = 2;
  decoder.n_heads = 3;
  decoder.d_kv = 5;
  decoder.d_ff = 22;
  decoder.vocab_size = 41;
  decoder.max_length = 70;
  decoder.n_positions = 80;
  return config;
}

/// The same with three decoder channels.
inline ModelConfig tiny_multi() {
  ModelConfig config = tiny_perceiver();
  config.pre_decoder.type = PreDecoderConfig::Type::kMultiChannelLinear;
  config.decoder.n_channels = 3;
  return config;
}

/// A network with T5 on both sides and our harmonic front end and heads.
inline ModelConfig tiny_harmonic() {
  ModelConfig config = tiny_perceiver();
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.n_fft = 1024;
  config.front_end.bins_per_semitone = 3;
  config.front_end.pitch_min = 48;
  config.front_end.pitch_max = 72;
  PreEncoderConfig& pre = config.pre_encoder;
  pre.type = PreEncoderConfig::Type::kHarmonic;
  pre.n_pitches = 24;
  pre.harmonics = {0.5f, 1, 3};
  pre.hidden = 7;
  pre.width = 4;
  EncoderConfig& encoder = config.encoder;
  encoder.type = EncoderConfig::Type::kT5;
  encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  encoder.d_model = config.decoder.d_model;
  encoder.n_layers = 2;
  encoder.n_heads = 2;
  encoder.d_kv = 6;
  encoder.d_ff = 20;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  config.auxiliary.notes = true;
  config.auxiliary.n_groups = 4;
  return config;
}

inline std::vector<float> random_values(std::size_t n, unsigned seed, float low = -1.f, float high = 1.f) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(n);
  for (float& x : values) x = uniform(generator);
  return values;
}

}  // namespace yourmt3::testing
