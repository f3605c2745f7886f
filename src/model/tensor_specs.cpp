#include <fmt/format.h>

#include <utility>

#include "core/fail.h"
#include "model/model_config.h"

namespace yourmt3 {
namespace {

using Shape = std::vector<std::int64_t>;
using FeedForward = EncoderConfig::FeedForward;

constexpr int kRelativeBuckets = 32;

class SpecList {
 public:
  void parameter(std::string name, Shape shape) { specs_.push_back({std::move(name), std::move(shape)}); }
  void frozen(std::string name, Shape shape, std::string alias_of = {}) {
    add(std::move(name), std::move(shape), false, TensorSpec::Kind::kFrozen);
    specs_.back().alias_of = std::move(alias_of);
  }
  void computable_buffer(std::string name, Shape shape) {
    add(std::move(name), std::move(shape), false, TensorSpec::Kind::kBuffer);
  }
  void training_only(std::string name, Shape shape) {
    add(std::move(name), std::move(shape), false, TensorSpec::Kind::kParameter);
  }

  void weight_and_bias(const std::string& name, Shape shape) {
    const std::int64_t outputs = shape[0];
    parameter(name + ".weight", std::move(shape));
    parameter(name + ".bias", {outputs});
  }
  void batch_norm(const std::string& name, std::int64_t channels) {
    weight_and_bias(name, {channels});
    add(name + ".running_mean", {channels}, true, TensorSpec::Kind::kBuffer);
    add(name + ".running_var", {channels}, true, TensorSpec::Kind::kBuffer);
    add(name + ".num_batches_tracked", {}, false, TensorSpec::Kind::kBuffer);
    specs_.back().dtype = DType::kI64;
  }
  void experts(const std::string& prefix, std::int64_t n_experts, std::int64_t width, std::int64_t hidden) {
    parameter(prefix + ".gate.weight", {n_experts, width});
    for (std::int64_t e = 0; e < n_experts; ++e) gated(fmt::format("{}.experts.{}", prefix, e), width, hidden);
  }
  void gated(const std::string& prefix, std::int64_t width, std::int64_t hidden) {
    parameter(prefix + ".w1.weight", {hidden, width});
    parameter(prefix + ".w2.weight", {width, hidden});
    parameter(prefix + ".gate.weight", {hidden, width});
  }

  std::vector<TensorSpec> take() { return std::move(specs_); }

 private:
  void add(std::string name, Shape shape, bool required, TensorSpec::Kind kind) {
    specs_.push_back({std::move(name), std::move(shape), required, kind});
  }

  std::vector<TensorSpec> specs_;
};

void add_front_end(SpecList& list, const FrontEndConfig& config) {
  if (config.codec == FrontEndConfig::Codec::kLinear) {
    list.computable_buffer("spectrogram.stft.window", {config.n_fft});
  } else if (config.codec == FrontEndConfig::Codec::kMel) {
    list.computable_buffer("spectrogram.mel_stft.spectrogram.window", {config.n_fft});
    list.computable_buffer("spectrogram.mel_stft.mel_scale.fb", {config.n_fft / 2 + 1, config.n_mels});
  }
}

void add_pre_encoder(SpecList& list, const ModelConfig& config) {
  const PreEncoderConfig& pre = config.pre_encoder;
  if (pre.type == PreEncoderConfig::Type::kResidualConv) {
    const std::int64_t channels = pre.channels;
    for (int i = 0; i < pre.n_blocks; ++i) {
      const std::string block = fmt::format("pre_encoder.0.blocks.{}.", i);
      const std::int64_t inputs = i == 0 ? 1 : channels;
      list.batch_norm(block + "bn1", channels);
      list.batch_norm(block + "bn2", channels);
      list.parameter(block + "conv1.weight", {channels, inputs, pre.kernel_t, pre.kernel_f});
      list.parameter(block + "conv2.weight", {channels, channels, pre.kernel_t, pre.kernel_f});
      if (inputs != channels) list.weight_and_bias(block + "shortcut", {channels, inputs, 1, 1});
    }
  } else if (pre.type == PreEncoderConfig::Type::kHarmonic) {
    list.weight_and_bias("pre_encoder.harmonic.hidden", {pre.hidden, pre.n_harmonic_inputs()});
    list.weight_and_bias("pre_encoder.harmonic.output", {pre.width, pre.hidden});
    list.weight_and_bias("pre_encoder.projection", {config.encoder.d_model, std::int64_t{pre.n_pitches} * pre.width});
    list.weight_and_bias("pre_encoder.direct", {config.encoder.d_model, config.front_end.n_bins()});
  }
}

void add_pre_decoder(SpecList& list, const ModelConfig& config) {
  const std::int64_t latents = config.n_latents();
  const std::int64_t width = config.encoder.d_model;
  const std::int64_t d = config.decoder.d_model;
  switch (config.pre_decoder.type) {
    case PreDecoderConfig::Type::kNone:
      break;
    case PreDecoderConfig::Type::kLinear:
      list.parameter("pre_decoder.0.projection_layer.weight", {d, latents * width});
      break;
    case PreDecoderConfig::Type::kMultiChannelLinear:
      if (!config.pre_decoder_is_identity()) {
        list.parameter("pre_decoder.0.linear.weight", {d, latents / config.decoder.n_channels * width});
      }
      break;
    case PreDecoderConfig::Type::kGroupLinear:
      list.parameter("pre_decoder.0.weight", {latents, d / latents, width});
      break;
    case PreDecoderConfig::Type::kMlp: {
      const std::int64_t hidden = latents * width / 2;
      // Numbers of the linear layers and norms between a flattening (0) and the activations (3, 6).
      list.weight_and_bias("pre_decoder.0.layers.1", {hidden, latents * width});
      list.weight_and_bias("pre_decoder.0.layers.2", {hidden});
      list.weight_and_bias("pre_decoder.0.layers.4", {hidden, hidden});
      list.weight_and_bias("pre_decoder.0.layers.5", {hidden});
      list.weight_and_bias("pre_decoder.0.layers.7", {d, hidden});
      break;
    }
  }
}

/// What an encoder and a decoder stack of T5 have in common.
struct T5Stack {
  std::string prefix;
  bool decoder;
  std::int64_t d_model, n_layers, n_heads, d_kv, d_ff, n_positions;
  bool relative_position_bias;
  FeedForward feed_forward;
  std::int64_t n_experts;
};

void add_t5_attention(SpecList& list, const T5Stack& stack, const std::string& name, bool with_bias_table) {
  const std::int64_t inner = stack.n_heads * stack.d_kv;
  list.parameter(name + ".q.weight", {inner, stack.d_model});
  list.parameter(name + ".k.weight", {inner, stack.d_model});
  list.parameter(name + ".v.weight", {inner, stack.d_model});
  list.parameter(name + ".o.weight", {stack.d_model, inner});
  if (with_bias_table) list.parameter(name + ".relative_attention_bias.weight", {kRelativeBuckets, stack.n_heads});
}

void add_t5_stack(SpecList& list, const T5Stack& stack) {
  if (!stack.relative_position_bias) {
    list.frozen(stack.prefix + ".additive_pe.weight", {stack.n_positions, stack.d_model});
  }
  for (std::int64_t i = 0; i < stack.n_layers; ++i) {
    const std::string layer = fmt::format("{}.block.{}.layer.", stack.prefix, i);
    int part = 0;
    add_t5_attention(list, stack, layer + "0.SelfAttention", stack.relative_position_bias && i == 0);
    list.parameter(layer + "0.layer_norm.weight", {stack.d_model});
    if (stack.decoder) {
      ++part;
      add_t5_attention(list, stack, layer + "1.EncDecAttention", false);
      list.parameter(layer + "1.layer_norm.weight", {stack.d_model});
    }
    ++part;
    const std::string feed_forward = fmt::format("{}{}", layer, part);
    if (stack.feed_forward == FeedForward::kMoe) {
      list.experts(feed_forward, stack.n_experts, stack.d_model, stack.d_ff);
    } else {
      list.parameter(feed_forward + ".DenseReluDense.wi_0.weight", {stack.d_ff, stack.d_model});
      list.parameter(feed_forward + ".DenseReluDense.wi_1.weight", {stack.d_ff, stack.d_model});
      list.parameter(feed_forward + ".DenseReluDense.wo.weight", {stack.d_model, stack.d_ff});
      list.parameter(feed_forward + ".layer_norm.weight", {stack.d_model});
    }
  }
  list.parameter(stack.prefix + ".final_layer_norm.weight", {stack.d_model});
}

class PerceiverSpecs {
 public:
  PerceiverSpecs(SpecList& list, const EncoderConfig& config) : list_(list), config_(config) {}

  void add() {
    list_.parameter("encoder.latent_array.latents", {config_.n_latents, config_.d_model});
    add_positions();
    for (int i = 0; i < config_.n_blocks; ++i) {
      const std::string block = fmt::format("encoder.blocks.{}.", i);
      add_attention(block + "spectral_cross_attention", "sca");
      for (int j = 0; j < config_.n_local_layers; ++j) {
        add_layer(fmt::format("{}local_transformer.{}.", block, j), "latent");
      }
      for (int j = 0; j < config_.n_temporal_layers; ++j) {
        add_layer(fmt::format("{}temporal_transformer.{}.", block, j), "temporal");
      }
    }
  }

 private:
  void add_positions() {
    const std::int64_t rows = config_.n_positions, latents = config_.n_latents, width = config_.d_model;
    const std::string name = "encoder.pos_emb._pos_emb";
    switch (config_.position) {
      case LatentPosition::kTrainableTkd:
        return list_.parameter(name, {rows, latents, width});
      case LatentPosition::kTrainableTd:
        return list_.parameter(name, {rows, width});
      case LatentPosition::kTrainableTk:
        return list_.parameter(name, {rows, latents});
      case LatentPosition::kTrainableKdt:
        list_.parameter(name, {latents, width});
        return list_.parameter(name + "_temporal", {rows, width});
      case LatentPosition::kRope:
        for (const char* kind : {"sca", "latent", "temporal"}) {
          list_.frozen(fmt::format("encoder.rotary_emb_{}.freqs", kind), {config_.n_rope_frequencies()});
        }
        return;
      case LatentPosition::kNone:
      case LatentPosition::kAlibi:
      case LatentPosition::kAlibiTrained:
        return;
    }
  }

  void add_norm(const std::string& name, std::int64_t width) {
    list_.parameter(name + ".weight", {width});
    if (config_.norm == Norm::kLayerNorm) list_.parameter(name + ".bias", {width});
  }

  void add_attention(const std::string& name, std::string_view kind) {
    const bool cross = kind == "sca";
    const std::int64_t width = config_.d_model;
    const std::int64_t inputs = cross ? config_.kv_dim : config_.d_model;
    add_norm(name + ".self.layernorm1", width);
    if (cross) add_norm(name + ".self.layernorm2", inputs);
    list_.weight_and_bias(name + ".self.query", {config_.qk_channels, width});
    list_.weight_and_bias(name + ".self.key", {config_.qk_channels, inputs});
    list_.weight_and_bias(name + ".self.value", {config_.v_channels, inputs});
    if (config_.position == LatentPosition::kAlibiTrained) {
      list_.parameter(name + ".self.alibi_bias.slopes", {cross ? config_.n_cross_heads : config_.n_self_heads, 1, 1});
    } else if (config_.position == LatentPosition::kRope) {
      list_.frozen(name + ".self.rotary_emb.freqs", {config_.n_rope_frequencies()},
                   fmt::format("encoder.rotary_emb_{}.freqs", kind));
    }
    list_.weight_and_bias(name + ".output.dense", {width, config_.v_channels});
  }

  void add_layer(const std::string& layer, std::string_view kind) {
    const std::int64_t width = config_.d_model;
    const std::int64_t hidden = width * config_.ff_widening;
    add_attention(layer + "attention", kind);
    add_norm(layer + "layernorm", width);
    switch (config_.feed_forward) {
      case FeedForward::kMlp:
        list_.weight_and_bias(layer + "mlp.dense1", {hidden, width});
        list_.weight_and_bias(layer + "mlp.dense2", {width, hidden});
        break;
      case FeedForward::kGatedMlp:
        list_.gated(layer + "mlp", width, hidden);
        break;
      case FeedForward::kMoe:
        list_.experts(layer + "mlp", config_.n_experts, width, hidden);
        break;
    }
  }

  SpecList& list_;
  const EncoderConfig& config_;
};

void add_encoder(SpecList& list, const EncoderConfig& encoder) {
  if (encoder.type == EncoderConfig::Type::kPerceiverTf) return PerceiverSpecs(list, encoder).add();
  add_t5_stack(
      list, {"encoder.encoder", false, encoder.d_model, encoder.n_layers, encoder.n_heads, encoder.d_kv, encoder.d_ff,
             encoder.n_positions, encoder.relative_position_bias, encoder.feed_forward, encoder.n_experts});
}

void add_auxiliary(SpecList& list, const ModelConfig& config) {
  const AuxiliaryConfig& heads = config.auxiliary;
  const std::int64_t width = config.encoder.d_model;
  if (heads.notes) {
    list.weight_and_bias("auxiliary.notes", {2 * config.pre_encoder.n_pitches + heads.n_drums, width});
  }
  if (heads.n_groups > 0) list.weight_and_bias("auxiliary.groups", {heads.n_groups, width});
  if (heads.notes && config.pre_encoder.type == PreEncoderConfig::Type::kHarmonic) {
    list.training_only("auxiliary.local.weight", {2, config.pre_encoder.width});
    list.training_only("auxiliary.local.bias", {2});
  }
  if (heads.group_notes > 0) {
    const std::int64_t inner = heads.group_notes, hints = AuxiliaryConfig::kGroupNoteHints;
    const auto seen = static_cast<std::int64_t>(AuxiliaryConfig::kGroupNoteTaps.size());
    list.weight_and_bias("auxiliary.group_notes.hints", {config.pre_encoder.n_pitches * hints, width});
    list.parameter("auxiliary.group_notes.frame.weight", {inner, width});
    list.weight_and_bias("auxiliary.group_notes.hidden", {inner, seen * config.pre_encoder.width + hints});
    list.weight_and_bias("auxiliary.group_notes.output", {heads.n_pitched_groups(), inner});
    if (heads.refine_notes) list.weight_and_bias("auxiliary.group_notes.refine", {2, inner});
    for (int i = 0; i < heads.context_layers; ++i) {
      const std::string layer = fmt::format("auxiliary.group_notes.context.{}.", i);
      list.weight_and_bias(layer + "reduce", {AuxiliaryConfig::kContextWidth, inner});
      list.weight_and_bias(layer + "mix",
                           {inner, AuxiliaryConfig::kContextTaps.size() * AuxiliaryConfig::kContextWidth});
    }
  }
  if (heads.timbre_width > 0) {
    const std::int64_t inner = heads.timbre_width;
    list.weight_and_bias("auxiliary.timbre.spectrum", {inner, AuxiliaryConfig::kTimbreInputs});
    list.parameter("auxiliary.timbre.states.weight", {inner, heads.group_notes});
    list.parameter("auxiliary.timbre.frame.weight", {inner, width});
    list.parameter("auxiliary.timbre.pitch.weight", {config.pre_encoder.n_pitches, inner});
    list.weight_and_bias("auxiliary.timbre.hidden", {inner, inner});
    list.weight_and_bias("auxiliary.timbre.output", {heads.n_pitched_groups(), inner});
  }
  if (heads.drum_width > 0) {
    const std::int64_t inner = heads.drum_width, bands = AuxiliaryConfig::kDrumBands;
    const std::int64_t reduced = AuxiliaryConfig::kDrumContextWidth;
    list.weight_and_bias("auxiliary.drums.bands", {bands, config.front_end.n_bins()});
    list.parameter("auxiliary.drums.frame.weight", {inner, width});
    list.weight_and_bias("auxiliary.drums.hidden", {inner, AuxiliaryConfig::kDrumTaps.size() * bands});
    for (int i = 0; i < heads.drum_layers; ++i) {
      const std::string layer = fmt::format("auxiliary.drums.context.{}.", i);
      list.weight_and_bias(layer + "reduce", {reduced, inner});
      list.weight_and_bias(layer + "mix", {inner, AuxiliaryConfig::kDrumContextTaps.size() * reduced});
    }
    list.weight_and_bias("auxiliary.drums.output", {heads.n_drums, inner});
  }
}

}  // namespace

std::vector<TensorSpec> expected_tensors(const ModelConfig& config) {
  SpecList list;
  const DecoderConfig& decoder = config.decoder;
  add_front_end(list, config.front_end);
  add_pre_encoder(list, config);
  add_pre_decoder(list, config);
  list.parameter("lm_head.lm_head.weight", {decoder.vocab_size, decoder.d_model});
  list.parameter("embed_tokens.weight", {decoder.vocab_size, decoder.d_model});
  add_encoder(list, config.encoder);
  add_t5_stack(list,
               {"decoder.decoder", true, decoder.d_model, decoder.n_layers, decoder.n_heads, decoder.d_kv, decoder.d_ff,
                decoder.n_positions, decoder.relative_position_bias, decoder.feed_forward, decoder.n_experts});
  add_auxiliary(list, config);
  return list.take();
}

bool is_ignorable_tensor(std::string_view name) {
  return name.find("pitchshift") != std::string_view::npos || name.starts_with("spectrogram.") ||
         name.ends_with(".num_batches_tracked") || name.ends_with(".rotary_emb.freqs") ||
         name.ends_with(".alibi_bias.slopes") || name.ends_with("additive_pe.weight");
}

}  // namespace yourmt3
