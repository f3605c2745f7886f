#include "model/reference_config.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/fail.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

/// Reads single entries; a missing one, or a null, gives the fallback.
class Entries {
 public:
  Entries(const json& object, std::string name) : object_(object), name_(std::move(name)) {
    if (!object_.is_object()) fail(ErrorCode::kMalformed, "hyper-parameters: '{}' is missing or not a mapping", name_);
  }

  const json& at(const char* key) const {
    static const json kNull;
    const auto found = object_.find(key);
    return found == object_.end() ? kNull : *found;
  }

  int integer(const char* key, int fallback) const {
    const json& value = at(key);
    if (value.is_null()) return fallback;
    if (!value.is_number_integer()) wrong(key, "an integer");
    const auto number = value.get<std::int64_t>();
    if (number < 0 || number > std::numeric_limits<int>::max()) wrong(key, "a size");
    return static_cast<int>(number);
  }
  /// For entries that hold a word where a number is to be derived, such as d_model = "q".
  int integer_or_word(const char* key, int fallback) const {
    return at(key).is_string() ? fallback : integer(key, fallback);
  }
  float number(const char* key, float fallback) const {
    const json& value = at(key);
    if (value.is_null()) return fallback;
    if (!value.is_number()) wrong(key, "a number");
    return value.get<float>();
  }
  bool flag(const char* key, bool fallback) const {
    const json& value = at(key);
    if (value.is_null()) return fallback;
    if (!value.is_boolean()) wrong(key, "true or false");
    return value.get<bool>();
  }
  std::string text(const char* key, std::string_view fallback) const {
    const json& value = at(key);
    if (value.is_null()) return std::string(fallback);
    if (!value.is_string()) wrong(key, "a string");
    return value.get<std::string>();
  }

  [[noreturn]] void unsupported(const char* key, const std::string& value) const {
    fail(ErrorCode::kUnsupported, "hyper-parameters: {}.{} = '{}' is not supported", name_, key, value);
  }

 private:
  [[noreturn]] void wrong(const char* key, const char* expected) const {
    fail(ErrorCode::kMalformed, "hyper-parameters: {}.{} is not {}", name_, key, expected);
  }

  const json& object_;
  std::string name_;
};

void read_audio(const Entries& audio, FrontEndConfig& config) {
  const std::string codec = audio.text("codec", "melspec");
  if (codec == "spec") {
    config.codec = FrontEndConfig::Codec::kLinear;
  } else if (codec == "melspec") {
    config.codec = FrontEndConfig::Codec::kMel;
  } else {
    audio.unsupported("codec", codec);
  }
  config.sample_rate = audio.integer("sample_rate", 16000);
  config.segment_samples = audio.integer("input_frames", 32767);
  config.n_fft = audio.integer("n_fft", 2048);
  config.hop_length = audio.integer("hop_length", 128);
  config.n_mels = audio.integer("n_mels", 512);
  config.f_min = audio.number("f_min", 50.f);
  config.f_max = audio.number("f_max", 8000.f);
}

EncoderConfig::FeedForward feed_forward_of(const Entries& entries, bool t5) {
  const std::string type = entries.text("ff_layer_type", t5 ? "t5_gmlp" : "mlp");
  if (type == "moe") return EncoderConfig::FeedForward::kMoe;
  if (t5 && type == "t5_gmlp") return EncoderConfig::FeedForward::kGatedMlp;
  if (!t5 && type == "mlp") return EncoderConfig::FeedForward::kMlp;
  if (!t5 && type == "gmlp") return EncoderConfig::FeedForward::kGatedMlp;
  entries.unsupported("ff_layer_type", type);
}

void read_t5(const Entries& entries, const Entries& model, auto& config) {
  config.d_model = entries.integer("d_model", 512);
  config.n_layers = entries.integer("num_layers", 8);
  config.n_heads = entries.integer("num_heads", 6);
  config.d_kv = entries.integer("d_kv", 64);
  config.d_ff = entries.integer("d_ff", entries.integer("ff_widening_factor", 2) * config.d_model);
  config.dropout = entries.number("dropout_rate", 0.05f);
  config.n_positions = entries.integer("num_max_positions", model.integer("num_max_positions", 1034));
  config.feed_forward = feed_forward_of(entries, true);
  const std::string position = entries.text("position_encoding_type", "sinusoidal");
  if (position != "sinusoidal" && position != "trainable") entries.unsupported("position_encoding_type", position);
  config.relative_position_bias = position == "trainable";
}

Activation activation_of(const Entries& entries) {
  const std::string name = entries.text("hidden_act", "gelu");
  if (name == "gelu") return Activation::kGelu;
  if (name == "silu") return Activation::kSilu;
  if (name == "relu") return Activation::kRelu;
  if (name == "tanh") return Activation::kTanh;
  if (name == "gelu_new") return Activation::kGeluNew;
  entries.unsupported("hidden_act", name);
}

LatentPosition position_of(const Entries& entries) {
  // A null means no positions, unlike a missing entry.
  const std::string name = entries.text("position_encoding_type", "none");
  if (name == "none") return LatentPosition::kNone;
  if (name == "trainable" || name == "tkd") return LatentPosition::kTrainableTkd;
  if (name == "td") return LatentPosition::kTrainableTd;
  if (name == "tk") return LatentPosition::kTrainableTk;
  if (name == "kdt") return LatentPosition::kTrainableKdt;
  if (name == "rope") return LatentPosition::kRope;
  if (name == "alibi") return LatentPosition::kAlibi;
  if (name == "alibit") return LatentPosition::kAlibiTrained;
  entries.unsupported("position_encoding_type", name);
}

RopeKind rope_of(const Entries& entries, const char* key, RopeKind fallback) {
  const std::string name = entries.text(key, fallback == RopeKind::kPixel ? "pixel" : "lang");
  if (name == "pixel") return RopeKind::kPixel;
  if (name == "lang") return RopeKind::kLang;
  entries.unsupported(key, name);
}

void read_perceiver(const Entries& entries, const Entries& model, EncoderConfig& config) {
  config.d_model = entries.integer_or_word("d_latents", entries.integer_or_word("d_model", 128));
  config.n_latents = entries.integer("num_latents", 24);
  config.kv_dim = entries.integer("kv_dim", 128);
  config.qk_channels = entries.integer("qk_channels", 128);
  config.v_channels = entries.integer("v_channels", 128);
  config.n_cross_heads = entries.integer("num_cross_attention_heads", 8);
  config.n_self_heads = entries.integer("num_self_attention_heads", 8);
  config.n_blocks = entries.integer("num_blocks", 3);
  config.n_local_layers = entries.integer("num_local_transformers_per_block", 2);
  config.n_temporal_layers = entries.integer("num_temporal_transformers_per_block", 2);
  config.dropout = entries.number("dropout_rate", 0.1f);
  config.activation = activation_of(entries);
  config.feed_forward = feed_forward_of(entries, false);
  config.ff_widening = entries.integer("ff_widening_factor", 1);
  config.n_experts = entries.integer("moe_num_experts", 8);
  config.top_k = entries.integer("moe_topk", 2);
  config.sca_query_residual = entries.flag("sca_use_query_residual", false);
  config.attention_to_channel = entries.flag("attention_to_channel", true);
  const std::string norm = entries.text("layer_norm_type", "layer_norm");
  if (norm != "layer_norm" && norm != "rms_norm") entries.unsupported("layer_norm_type", norm);
  config.norm = norm == "rms_norm" ? Norm::kRmsNorm : Norm::kLayerNorm;
  config.norm_eps = entries.number("layer_norm_eps", 1e-5f);
  config.position = position_of(entries);
  config.rope_sca = rope_of(entries, "rope_type_sca", RopeKind::kPixel);
  config.rope_latent = rope_of(entries, "rope_type_latent", RopeKind::kPixel);
  config.rope_temporal = rope_of(entries, "rope_type_temporal", RopeKind::kLang);
  config.rope_partial = entries.flag("rope_partial_pe", false);
  config.rope_apply_to_keys = entries.flag("rope_apply_to_keys", false);
  // As the reference: the trained tables have ten rows more than there are frames.
  config.n_positions = entries.integer("num_max_positions", model.integer("feat_length", 110)) + 10;
}

void read_pre_encoder(const Entries& model, const std::string& encoder_type, PreEncoderConfig& config) {
  std::string type = model.text("pre_encoder_type", "none");
  if (type == "default") {
    type = Entries(model.at("pre_encoder_type_default"), "pre_encoder_type_default").text(encoder_type.c_str(), "none");
  }
  config.channels = model.integer("conv_out_channels", 128);
  config.type = PreEncoderConfig::Type::kResidualConv;
  if (type == "none") {
    config.type = PreEncoderConfig::Type::kNone;
  } else if (type == "conv1d_t") {
    config.kernel_f = 1;
  } else if (type == "conv1d_f") {
    config.kernel_t = 1;
  } else if (type != "conv") {
    model.unsupported("pre_encoder_type", type);
  }
}

void read_pre_decoder(const Entries& model, const std::string& encoder_type, const std::string& decoder_type,
                      PreDecoderConfig& config) {
  std::string type = model.text("pre_decoder_type", "none");
  if (type == "default") {
    const Entries defaults(model.at("pre_decoder_type_default"), "pre_decoder_type_default");
    type = Entries(defaults.at(encoder_type.c_str()), "pre_decoder_type_default").text(decoder_type.c_str(), "none");
  }
  if (type == "none") {
    config.type = PreDecoderConfig::Type::kNone;
  } else if (type == "linear") {
    config.type = PreDecoderConfig::Type::kLinear;
  } else if (type == "mc_shared_linear") {
    config.type = PreDecoderConfig::Type::kMultiChannelLinear;
  } else if (type == "group_linear") {
    config.type = PreDecoderConfig::Type::kGroupLinear;
  } else if (type == "mlp" || type == "mlp_gelu" || type == "mlp_relu") {
    config.type = PreDecoderConfig::Type::kMlp;
    config.activation = type == "mlp" ? Activation::kNone : type == "mlp_gelu" ? Activation::kGelu : Activation::kRelu;
  } else {
    model.unsupported("pre_decoder_type", type);
  }
}

/// Tokens of one sequence at most, as the reference's task of that name has them.
int max_length_of(const std::string& task) {
  if (task.ends_with("_256")) return 256;
  return task.starts_with("mc") ? 512 : 1024;
}

}  // namespace

ModelConfig config_from_reference(const json& audio, const json& model_object, const json& encoder, const json& decoder,
                                  const std::string& task) {
  const Entries model(model_object, "model_cfg");
  ModelConfig config;
  config.task = task;
  read_audio(Entries(audio, "audio_cfg"), config.front_end);

  const std::string encoder_type = model.text("encoder_type", "t5");
  read_pre_encoder(model, encoder_type, config.pre_encoder);
  const Entries encoder_entries(encoder, "encoder." + encoder_type);
  if (encoder_type == "t5") {
    config.encoder.type = EncoderConfig::Type::kT5;
    read_t5(encoder_entries, model, config.encoder);
  } else if (encoder_type == "perceiver-tf") {
    read_perceiver(encoder_entries, model, config.encoder);
  } else {
    model.unsupported("encoder_type", encoder_type);
  }

  const std::string decoder_type = model.text("decoder_type", "t5");
  if (decoder_type != "t5" && decoder_type != "multi-t5") model.unsupported("decoder_type", decoder_type);
  read_pre_decoder(model, encoder_type, decoder_type, config.pre_decoder);
  const Entries decoder_entries(decoder, "decoder." + decoder_type);
  read_t5(decoder_entries, model, config.decoder);
  config.decoder.n_channels = decoder_type == "multi-t5" ? decoder_entries.integer("num_channels", 13) : 1;
  config.decoder.vocab_size = decoder_entries.integer("vocab_size", model.integer("vocab_size", 596));
  config.decoder.max_length = std::min(max_length_of(task), model.integer("event_length", 1024));
  config.decoder.logit_scale = model.flag("tie_word_embeddings", true) ? 0.f : 1.f;
  return config;
}

ModelConfig config_from_reference(const json& audio, const json& model, const std::string& task) {
  const auto part = [&](const char* kind, const char* type_key) -> const json& {
    static const json kNull;
    if (!model.is_object() || !model.contains(kind) || !model.contains(type_key)) return kNull;
    const json& parts = model[kind];
    if (!parts.is_object() || !model[type_key].is_string()) return kNull;
    const auto found = parts.find(model[type_key].get_ref<const std::string&>());
    return found == parts.end() ? kNull : *found;
  };
  return config_from_reference(audio, model, part("encoder", "encoder_type"), part("decoder", "decoder_type"), task);
}

}  // namespace yourmt3
