#include "model/describe.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "model/config_fields.h"
#include "model/model_file.h"

namespace yourmt3 {
namespace {

std::string describe_front_end(const FrontEndConfig& c) {
  const std::string kind = c.codec == FrontEndConfig::Codec::kLinear ? "linear spectrogram"
                           : c.codec == FrontEndConfig::Codec::kMel  ? "mel spectrogram"
                                                                     : "log-frequency spectrogram";
  return fmt::format("{}, {} bins, {} frames of {} samples, hop {}, {} Hz", kind, c.n_bins(), c.n_frames(), c.n_fft,
                     c.hop_length, c.sample_rate);
}

std::string describe_encoder(const ModelConfig& config) {
  const EncoderConfig& c = config.encoder;
  const std::string pre = config.pre_encoder.type == PreEncoderConfig::Type::kNone
                              ? ""
                              : fmt::format("{} + ", name_of(config.pre_encoder.type));
  const std::string feed_forward = c.feed_forward == EncoderConfig::FeedForward::kMoe
                                       ? fmt::format("{} experts, {} at a time", c.n_experts, c.top_k)
                                       : std::string(name_of(c.feed_forward));
  if (c.type == EncoderConfig::Type::kT5) {
    return fmt::format("{}T5, {} layers of width {}, {}", pre, c.n_layers, c.d_model, feed_forward);
  }
  return fmt::format("{}PerceiverTF, {} latents of width {}, {} blocks of {} + {} layers, {}, positions {}", pre,
                     c.n_latents, c.d_model, c.n_blocks, c.n_local_layers, c.n_temporal_layers, feed_forward,
                     name_of(c.position));
}

std::string describe_decoder(const DecoderConfig& c) {
  return fmt::format("T5, {} layers of width {}, {} tokens, up to {} in each of {} channel{}", c.n_layers, c.d_model,
                     c.vocab_size, c.max_length, c.n_channels, c.n_channels == 1 ? "" : "s");
}

}  // namespace

ModelDescription describe(const Model& model) {
  const ModelConfig& config = model.config;
  ModelDescription result;
  result.variant = config.variant;
  result.task = config.task;
  result.front_end = describe_front_end(config.front_end);
  result.encoder = describe_encoder(config);
  result.decoder = describe_decoder(config.decoder);
  result.segment_sec = static_cast<double>(config.front_end.segment_samples) / config.front_end.sample_rate;
  for (const TensorSpec& spec : expected_tensors(config)) {
    const auto found = model.weights.tensors.find(spec.name);
    if (found == model.weights.tensors.end()) continue;
    const TensorView& tensor = found->second;
    result.bytes += static_cast<std::int64_t>(tensor.bytes.size());
    ++result.dtypes[to_string(tensor.dtype)];
    if (!spec.alias_of.empty()) continue;
    if (spec.kind == TensorSpec::Kind::kParameter) result.n_trainable += tensor.numel();
    if (spec.kind != TensorSpec::Kind::kBuffer) result.n_parameters += tensor.numel();
  }
  for (const auto& [key, value] : model.weights.metadata) {
    if (key != kConfigKey && key != kFormatKey) result.metadata.emplace(key, value);
  }
  return result;
}

std::string to_text(const ModelDescription& d) {
  std::string dtypes;
  for (const auto& [name, count] : d.dtypes) dtypes += fmt::format("{}{} {}", dtypes.empty() ? "" : ", ", count, name);
  std::string text;
  const auto line = [&](std::string_view key, std::string_view value) {
    text += fmt::format("{:<12}{}\n", key, value);
  };
  line("variant", d.variant);
  line("task", d.task);
  line("segment", fmt::format("{:.3f} s", d.segment_sec));
  line("front end", d.front_end);
  line("encoder", d.encoder);
  line("decoder", d.decoder);
  line("parameters", fmt::format("{} ({} trainable)", d.n_parameters, d.n_trainable));
  line("tensors", fmt::format("{}, {:.1f} MB", dtypes, static_cast<double>(d.bytes) * 1e-6));
  for (const auto& [key, value] : d.metadata) line(key.size() < 12 ? key : key + " ", value);
  return text;
}

void to_json(nlohmann::json& json, const ModelDescription& d) {
  json = {{"variant", d.variant},         {"task", d.task},
          {"segment_sec", d.segment_sec}, {"front_end", d.front_end},
          {"encoder", d.encoder},         {"decoder", d.decoder},
          {"parameters", d.n_parameters}, {"trainable_parameters", d.n_trainable},
          {"tensor_bytes", d.bytes},      {"tensors_by_type", d.dtypes},
          {"metadata", d.metadata}};
}

}  // namespace yourmt3
