#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/fail.h"
#include "model/checkpoint.h"
#include "model/reference_config.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
using FeedForward = EncoderConfig::FeedForward;

/// Looks at shapes by name; what is not there leaves a field alone.
class Shapes {
 public:
  explicit Shapes(const Weights& weights) : weights_(weights) {}

  bool has(const std::string& name) const { return weights_.tensors.contains(name); }

  std::size_t rank(const std::string& name) const {
    const auto found = weights_.tensors.find(name);
    return found == weights_.tensors.end() ? 0 : found->second.shape.size();
  }

  /// The size of an axis, or 0.
  int size(const std::string& name, std::size_t axis) const {
    const auto found = weights_.tensors.find(name);
    if (found == weights_.tensors.end() || axis >= found->second.shape.size()) return 0;
    return static_cast<int>(std::min<std::int64_t>(found->second.shape[axis], std::numeric_limits<int>::max()));
  }

  void set(int& field, const std::string& name, std::size_t axis) const {
    if (const int found = size(name, axis); found > 0) field = found;
  }

  /// How many of the names that `pattern` gives for 0, 1, 2, ... are there.
  int count(fmt::format_string<int&> pattern) const {
    int n = 0;
    while (has(fmt::format(pattern, n))) ++n;
    return n;
  }
  void set_count(int& field, fmt::format_string<int&> pattern) const {
    if (const int found = count(pattern); found > 0) field = found;
  }

 private:
  const Weights& weights_;
};

void refine_pre_encoder(const Shapes& shapes, PreEncoderConfig& config) {
  const std::string conv = "pre_encoder.0.blocks.0.conv1.weight";
  if (!shapes.has(conv)) return;
  config.type = PreEncoderConfig::Type::kResidualConv;
  shapes.set_count(config.n_blocks, "pre_encoder.0.blocks.{}.conv1.weight");
  shapes.set(config.channels, conv, 0);
  shapes.set(config.kernel_t, conv, 2);
  shapes.set(config.kernel_f, conv, 3);
}

/// Fields that a T5 encoder and a decoder share.
void refine_t5(const Shapes& shapes, const std::string& prefix, int feed_forward_layer, auto& config) {
  const std::string block = prefix + ".block.0.layer.";
  shapes.set(config.d_model, prefix + ".final_layer_norm.weight", 0);
  shapes.set(config.n_positions, prefix + ".additive_pe.weight", 0);
  const std::string query = block + "0.SelfAttention.q.weight";
  if (!shapes.has(query)) return;
  int n_layers = 0;
  while (shapes.has(fmt::format("{}.block.{}.layer.0.SelfAttention.q.weight", prefix, n_layers))) ++n_layers;
  config.n_layers = n_layers;
  const std::string table = block + "0.SelfAttention.relative_attention_bias.weight";
  config.relative_position_bias = shapes.has(table);
  shapes.set(config.n_heads, table, 1);
  if (const int inner = shapes.size(query, 0); config.n_heads > 0 && inner % config.n_heads == 0) {
    config.d_kv = inner / config.n_heads;
  }
  const std::string feed_forward = fmt::format("{}{}", block, feed_forward_layer);
  shapes.set(config.d_ff, feed_forward + ".DenseReluDense.wi_0.weight", 0);
  if (shapes.has(feed_forward + ".gate.weight")) {
    config.feed_forward = FeedForward::kMoe;
    shapes.set(config.n_experts, feed_forward + ".gate.weight", 0);
    shapes.set(config.d_ff, feed_forward + ".experts.0.w1.weight", 0);
  } else {
    config.feed_forward = FeedForward::kGatedMlp;
  }
}

void refine_position(const Shapes& shapes, EncoderConfig& config) {
  const std::string table = "encoder.pos_emb._pos_emb";
  const std::string slopes = "encoder.blocks.0.spectral_cross_attention.self.alibi_bias.slopes";
  if (shapes.has(table + "_temporal")) {
    config.position = LatentPosition::kTrainableKdt;
    shapes.set(config.n_positions, table + "_temporal", 0);
  } else if (shapes.rank(table) == 3) {
    config.position = LatentPosition::kTrainableTkd;
    shapes.set(config.n_positions, table, 0);
  } else if (shapes.rank(table) == 2) {
    // [T, D] or [T, K]; with K = D the hyper-parameters decide.
    if (config.n_latents != config.d_model) {
      config.position =
          shapes.size(table, 1) == config.n_latents ? LatentPosition::kTrainableTk : LatentPosition::kTrainableTd;
    }
    shapes.set(config.n_positions, table, 0);
  } else if (const int n_frequencies = shapes.size("encoder.rotary_emb_sca.freqs", 0); n_frequencies > 0) {
    config.position = LatentPosition::kRope;
    config.rope_partial = config.n_cross_heads / 2 != n_frequencies;
  } else if (shapes.has(slopes) && config.position != LatentPosition::kAlibi) {
    config.position = LatentPosition::kAlibiTrained;
    shapes.set(config.n_cross_heads, slopes, 0);
    shapes.set(config.n_self_heads, "encoder.blocks.0.local_transformer.0.attention.self.alibi_bias.slopes", 0);
  }
}

void refine_perceiver(const Shapes& shapes, EncoderConfig& config) {
  config.type = EncoderConfig::Type::kPerceiverTf;
  const std::string sca = "encoder.blocks.0.spectral_cross_attention.self.";
  shapes.set(config.n_latents, "encoder.latent_array.latents", 0);
  shapes.set(config.d_model, "encoder.latent_array.latents", 1);
  shapes.set(config.qk_channels, sca + "key.weight", 0);
  shapes.set(config.kv_dim, sca + "key.weight", 1);
  shapes.set(config.v_channels, sca + "value.weight", 0);
  shapes.set_count(config.n_blocks, "encoder.blocks.{}.spectral_cross_attention.self.key.weight");
  shapes.set_count(config.n_local_layers, "encoder.blocks.0.local_transformer.{}.layernorm.weight");
  shapes.set_count(config.n_temporal_layers, "encoder.blocks.0.temporal_transformer.{}.layernorm.weight");
  if (shapes.has(sca + "layernorm1.weight")) {
    config.norm = shapes.has(sca + "layernorm1.bias") ? Norm::kLayerNorm : Norm::kRmsNorm;
  }
  refine_position(shapes, config);

  const std::string mlp = "encoder.blocks.0.local_transformer.0.mlp.";
  int hidden = 0;
  if (shapes.has(mlp + "dense1.weight")) {
    config.feed_forward = FeedForward::kMlp;
    hidden = shapes.size(mlp + "dense1.weight", 0);
  } else if (shapes.has(mlp + "experts.0.w1.weight")) {
    config.feed_forward = FeedForward::kMoe;
    hidden = shapes.size(mlp + "experts.0.w1.weight", 0);
    shapes.set(config.n_experts, mlp + "gate.weight", 0);
  } else if (shapes.has(mlp + "w1.weight")) {
    config.feed_forward = FeedForward::kGatedMlp;
    hidden = shapes.size(mlp + "w1.weight", 0);
  }
  if (hidden > 0 && config.d_model > 0 && hidden % config.d_model == 0) config.ff_widening = hidden / config.d_model;
}

void refine_pre_decoder(const Shapes& shapes, PreDecoderConfig& config) {
  if (shapes.has("pre_decoder.0.projection_layer.weight")) {
    config.type = PreDecoderConfig::Type::kLinear;
  } else if (shapes.has("pre_decoder.0.linear.weight")) {
    config.type = PreDecoderConfig::Type::kMultiChannelLinear;
  } else if (shapes.has("pre_decoder.0.weight")) {
    config.type = PreDecoderConfig::Type::kGroupLinear;
  } else if (shapes.has("pre_decoder.0.layers.1.weight")) {
    config.type = PreDecoderConfig::Type::kMlp;
  }
}

bool fits_exactly(const ModelConfig& config, const Weights& weights) {
  try {
    const TensorReport report = check_tensors(config, weights, "");
    return report.missing.empty() && report.unexpected.empty();
  } catch (const Error&) {
    return false;
  }
}

bool has_pitch_shift(const Weights& weights) {
  return std::ranges::any_of(weights.tensors, [](const auto& item) { return item.first.starts_with("pitchshift."); });
}

std::string task_of(const json& hyper) {
  const json& manager = hyper.value("task_manager", json());
  if (manager.is_object() && manager.contains("state") && manager["state"].is_object()) {
    const json name = manager["state"].value("task_name", json());
    if (name.is_string()) return name.get<std::string>();
  }
  const json& model = hyper.at("model_cfg");
  const json type = model.is_object() ? model.value("decoder_type", json()) : json();
  return type == "multi-t5" ? "mc13_full_plus_256" : "mt3_full_plus";
}

/// The same network with every field that it does not use, or that inference does not, at its default.
ModelConfig essential(ModelConfig config) {
  const EncoderConfig defaults;
  EncoderConfig& encoder = config.encoder;
  config.variant = {};
  encoder.dropout = config.decoder.dropout = 0;
  if (encoder.feed_forward != FeedForward::kMoe) {
    encoder.n_experts = defaults.n_experts;
    encoder.top_k = defaults.top_k;
  }
  if (encoder.type == EncoderConfig::Type::kPerceiverTf && encoder.position != LatentPosition::kRope) {
    encoder.rope_sca = defaults.rope_sca;
    encoder.rope_latent = defaults.rope_latent;
    encoder.rope_temporal = defaults.rope_temporal;
    encoder.rope_partial = defaults.rope_partial;
    encoder.rope_apply_to_keys = defaults.rope_apply_to_keys;
  } else if (encoder.type == EncoderConfig::Type::kPerceiverTf) {
    encoder.n_positions = defaults.n_positions;
  }
  if (config.front_end.codec != FrontEndConfig::Codec::kMel) {
    config.front_end.n_mels = FrontEndConfig().n_mels;
    config.front_end.f_min = FrontEndConfig().f_min;
    config.front_end.f_max = FrontEndConfig().f_max;
  }
  return config;
}

std::string variant_of(const ModelConfig& config, const Weights& weights) {
  for (const std::string& name : published_variants()) {
    const ModelConfig published = published_config(name);
    const bool moe = published.encoder.feed_forward == FeedForward::kMoe;
    if (moe && name.ends_with("-ps") != has_pitch_shift(weights)) continue;
    if (essential(published) == essential(config)) return name;
  }
  return "custom";
}

}  // namespace

void refine_from_shapes(ModelConfig& config, const Weights& weights) {
  const Shapes shapes(weights);
  shapes.set(config.front_end.n_fft, "spectrogram.stft.window", 0);
  shapes.set(config.front_end.n_fft, "spectrogram.mel_stft.spectrogram.window", 0);
  shapes.set(config.front_end.n_mels, "spectrogram.mel_stft.mel_scale.fb", 1);
  refine_pre_encoder(shapes, config.pre_encoder);
  if (shapes.has("encoder.latent_array.latents")) {
    refine_perceiver(shapes, config.encoder);
  } else if (shapes.has("encoder.encoder.final_layer_norm.weight")) {
    config.encoder.type = EncoderConfig::Type::kT5;
    refine_t5(shapes, "encoder.encoder", 1, config.encoder);
  }
  refine_pre_decoder(shapes, config.pre_decoder);
  refine_t5(shapes, "decoder.decoder", 2, config.decoder);
  shapes.set(config.decoder.vocab_size, "lm_head.lm_head.weight", 0);
}

std::string recognise_published(const Weights& weights) {
  for (const std::string& name : published_variants()) {
    const ModelConfig config = published_config(name);
    if (config.encoder.feed_forward == FeedForward::kMoe && name.ends_with("-ps") != has_pitch_shift(weights)) continue;
    if (fits_exactly(config, weights)) return name;
  }
  return {};
}

ModelConfig config_of_checkpoint(const Checkpoint& checkpoint, std::string_view name) {
  const json& hyper = checkpoint.hyper_parameters;
  if (!hyper.is_object() || !hyper.contains("audio_cfg") || !hyper.contains("model_cfg")) {
    const std::string variant = recognise_published(checkpoint.weights);
    if (!variant.empty()) return published_config(variant);
    fail(ErrorCode::kUnsupported, "{}: holds no hyper-parameters, and its tensors fit none of the published models",
         name);
  }
  try {
    ModelConfig config = config_from_reference(hyper["audio_cfg"], hyper["model_cfg"], task_of(hyper));
    refine_from_shapes(config, checkpoint.weights);
    validate(config);
    config.variant = variant_of(config, checkpoint.weights);
    return config;
  } catch (const Error& error) {
    throw Error(error.code() == ErrorCode::kInvalidArgument ? ErrorCode::kMalformed : error.code(),
                fmt::format("{}: {}", name, error.what()));
  }
}

}  // namespace yourmt3
