#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <string>
#include <vector>

#include "torchnet/network.h"

namespace yourmt3::testing {

inline at::Tensor random(at::IntArrayRef shape, std::uint64_t seed) {
  return at::rand(shape, at::detail::createCPUGenerator(seed), at::kFloat);
}

inline at::Tensor random_ids(at::IntArrayRef shape, std::int64_t high, std::uint64_t seed) {
  return at::randint(1, high, shape, at::detail::createCPUGenerator(seed), at::kLong);
}

inline at::Tensor random_spectrogram(const ModelConfig& config, std::int64_t n_segments, std::uint64_t seed) {
  return random({n_segments, config.front_end.n_frames(), config.front_end.n_bins()}, seed);
}

/// A small network with the harmonic front end and all auxiliary heads.
inline ModelConfig small_harmonic() {
  ModelConfig config;
  config.task = "onset_v1";
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.front_end.segment_samples = 6399;  // 20 frames: finite differences take hundreds of passes.
  config.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
  config.pre_encoder.hidden = 5;
  config.pre_encoder.input_gain = 4;
  config.pre_encoder.input_offset = -3;
  config.pre_encoder.width = 3;
  config.encoder.type = EncoderConfig::Type::kT5;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.encoder.d_model = config.decoder.d_model = 16;
  config.encoder.n_layers = config.decoder.n_layers = 1;
  config.encoder.n_heads = config.decoder.n_heads = 2;
  config.encoder.d_kv = config.decoder.d_kv = 8;
  config.encoder.d_ff = config.decoder.d_ff = 12;
  config.encoder.n_positions = 128;
  config.encoder.dropout = config.decoder.dropout = 0;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  config.decoder.vocab_size = 598;
  config.decoder.max_length = 40;
  config.decoder.n_positions = 50;
  config.decoder.logit_scale = 1;
  config.auxiliary.notes = true;
  config.auxiliary.n_groups = 13;
  return config;
}

/// A published variant, small enough for finite differences, without dropout.
inline ModelConfig small_published(const std::string& variant) {
  ModelConfig config = published_config(variant);
  config.front_end.segment_samples = 4095;
  config.front_end.n_fft = 64;
  config.front_end.hop_length = 512;
  config.front_end.n_mels = 16;
  config.decoder.d_model = 16;
  config.decoder.n_layers = 1;
  config.decoder.n_heads = 2;
  config.decoder.d_kv = 4;
  config.decoder.d_ff = 12;
  config.decoder.vocab_size = 40;
  config.decoder.dropout = config.encoder.dropout = 0;
  if (config.encoder.type == EncoderConfig::Type::kT5) {
    config.encoder.d_model = 16;
    config.encoder.n_layers = 1;
    config.encoder.n_heads = 2;
    config.encoder.d_kv = 4;
    config.encoder.d_ff = 12;
  } else {
    config.pre_encoder.channels = 4;
    config.pre_encoder.n_blocks = 2;
    config.encoder.d_model = config.encoder.kv_dim = 8;
    config.encoder.qk_channels = config.encoder.v_channels = 32;
    config.encoder.n_blocks = 1;
    config.encoder.n_local_layers = config.encoder.n_temporal_layers = 1;
  }
  return config;
}

/// Parameters that training changes, by name.
inline std::vector<std::pair<std::string, at::Tensor>> trained_parameters(const Network& network) {
  std::vector<std::pair<std::string, at::Tensor>> result;
  for (const auto& entry : network.named_parameters()) {
    if (entry.value().requires_grad()) result.emplace_back(entry.key(), entry.value());
  }
  return result;
}

}  // namespace yourmt3::testing
