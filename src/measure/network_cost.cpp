#include "measure/network_cost.h"

namespace yourmt3 {
namespace {

// All functions count multiply-adds.

double convolutions(const PreEncoderConfig& config, const FrontEndConfig& front_end) {
  const double kernel = config.kernel_t * config.kernel_f, maps = config.channels;
  double sum = 0, inputs = 1, positions = static_cast<double>(front_end.n_frames()) * front_end.n_bins();
  for (int block = 0; block < config.n_blocks; ++block) {
    const double shortcut = inputs == maps ? 0 : inputs * maps;
    sum += positions * (kernel * inputs * maps + kernel * maps * maps + shortcut);
    inputs = maps;
    positions /= 2;  // Pooling halves the bins.
  }
  return sum;
}

double harmonic(const ModelConfig& config) {
  const PreEncoderConfig& pre = config.pre_encoder;
  const double pitch = static_cast<double>(pre.hidden) * (pre.n_harmonic_inputs() + pre.width);
  const double projections = (pre.n_pitches * pre.width + config.front_end.n_bins()) * config.encoder.d_model;
  return config.front_end.n_frames() * (pre.n_pitches * pitch + projections);
}

/// Of one row of a PerceiverTF layer or of a T5 stack.
double feed_forward(EncoderConfig::FeedForward kind, double width, double hidden, int n_experts, int top_k) {
  switch (kind) {
    case EncoderConfig::FeedForward::kMlp:
      return 2 * width * hidden;
    case EncoderConfig::FeedForward::kGatedMlp:
      return 3 * width * hidden;
    case EncoderConfig::FeedForward::kMoe:
      return n_experts * width + top_k * 3 * width * hidden;
  }
  return 0;
}

double perceiver(const ModelConfig& config) {
  const EncoderConfig& encoder = config.encoder;
  const double frames = config.front_end.n_frames(), latents = encoder.n_latents, rows = frames * latents;
  const double width = encoder.d_model, qk = encoder.qk_channels, v = encoder.v_channels;
  const double keys = encoder.attention_to_channel ? config.pre_encoder.channels : config.n_pooled_bins();
  const double cross = rows * (width * qk + keys * (qk + v) + v * width) + frames * keys * encoder.kv_dim * (qk + v);
  const double dense =
      feed_forward(encoder.feed_forward, width, encoder.ff_widening * width, encoder.n_experts, encoder.top_k);
  const auto layer = [&](double length) {
    return rows * (width * (2 * qk + v) + length * (qk + v) + v * width + dense);
  };
  return encoder.n_blocks *
         (cross + encoder.n_local_layers * layer(latents) + encoder.n_temporal_layers * layer(frames));
}

double t5_encoder(const ModelConfig& config) {
  const EncoderConfig& encoder = config.encoder;
  const double frames = config.front_end.n_frames(), width = encoder.d_model, inner = encoder.n_heads * encoder.d_kv;
  return encoder.n_layers * frames *
         (4 * width * inner + 2 * frames * inner +
          feed_forward(encoder.feed_forward, width, encoder.d_ff, encoder.n_experts, encoder.top_k));
}

double pre_decoder(const ModelConfig& config) {
  const double frames = config.front_end.n_frames(), latents = config.n_latents(), width = config.encoder.d_model;
  const double out = config.decoder.d_model;
  switch (config.pre_decoder.type) {
    case PreDecoderConfig::Type::kNone:
      return 0;
    case PreDecoderConfig::Type::kLinear:
      return frames * latents * width * out;
    case PreDecoderConfig::Type::kMultiChannelLinear:
      // Each channel reads the latents of its own.
      return config.pre_decoder_is_identity() ? 0 : frames * latents * width * out;
    case PreDecoderConfig::Type::kGroupLinear:
      return frames * width * out;
    case PreDecoderConfig::Type::kMlp:
      return frames * (latents * width * out + 2 * out * out);
  }
  return 0;
}

}  // namespace

NetworkCost network_cost(const ModelConfig& config) {
  NetworkCost cost;
  switch (config.pre_encoder.type) {
    case PreEncoderConfig::Type::kNone:
      break;
    case PreEncoderConfig::Type::kResidualConv:
      cost.pre_encoder = 2 * convolutions(config.pre_encoder, config.front_end);
      break;
    case PreEncoderConfig::Type::kHarmonic:
      cost.pre_encoder = 2 * harmonic(config);
      break;
  }
  const bool t5 = config.encoder.type == EncoderConfig::Type::kT5;
  cost.encoder = 2 * (t5 ? t5_encoder(config) : perceiver(config));
  cost.pre_decoder = 2 * pre_decoder(config);

  const DecoderConfig& decoder = config.decoder;
  const double width = decoder.d_model, inner = decoder.n_heads * decoder.d_kv, memory = config.front_end.n_frames();
  const double dense = feed_forward(decoder.feed_forward, width, decoder.d_ff, decoder.n_experts, decoder.top_k);
  cost.row_start = 2 * decoder.n_layers * memory * width * 2 * inner;
  cost.token =
      2 * (decoder.n_layers * (6 * width * inner + dense + 2 * (memory + 1) * inner) + width * decoder.vocab_size);
  cost.earlier_token = 2 * decoder.n_layers * 2 * inner;
  return cost;
}

}  // namespace yourmt3
