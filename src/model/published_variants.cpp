#include <fmt/format.h>

#include "core/fail.h"
#include "model/model_config.h"

namespace yourmt3 {
namespace {

ModelConfig ymt3plus() {
  ModelConfig config;
  config.task = "mt3_full_plus";
  config.front_end.codec = FrontEndConfig::Codec::kMel;
  config.front_end.hop_length = 128;
  config.pre_encoder.type = PreEncoderConfig::Type::kNone;
  config.encoder.type = EncoderConfig::Type::kT5;
  config.encoder.d_model = 512;
  config.encoder.dropout = 0.05f;
  config.encoder.n_positions = 1034;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  return config;
}

ModelConfig yptf_single() {
  ModelConfig config;
  config.task = "mt3_full_plus";
  config.encoder.dropout = 0.05f;
  return config;
}

ModelConfig yptf_multi() {
  ModelConfig config = yptf_single();
  config.task = "mc13_full_plus_256";
  config.encoder.n_latents = 26;
  config.pre_decoder.type = PreDecoderConfig::Type::kMultiChannelLinear;
  config.decoder.n_channels = 13;
  config.decoder.max_length = 256;
  return config;
}

ModelConfig yptf_moe_multi() {
  ModelConfig config = yptf_multi();
  config.encoder.dropout = 0.1f;
  config.encoder.sca_query_residual = true;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  config.encoder.ff_widening = 4;
  config.encoder.activation = Activation::kSilu;
  config.encoder.position = LatentPosition::kRope;
  return config;
}

}  // namespace

const std::vector<std::string>& published_variants() {
  static const std::vector<std::string> names = {"ymt3plus", "yptf-single-nops", "yptf-multi-ps", "yptf-moe-multi-nops",
                                                 "yptf-moe-multi-ps"};
  return names;
}

ModelConfig published_config(std::string_view variant) {
  ModelConfig config;
  if (variant == "ymt3plus") {
    config = ymt3plus();
  } else if (variant == "yptf-single-nops") {
    config = yptf_single();
  } else if (variant == "yptf-multi-ps") {
    config = yptf_multi();
  } else if (variant == "yptf-moe-multi-nops" || variant == "yptf-moe-multi-ps") {
    // Pitch shift ("ps") is an augmentation of the training data: the two networks are the same.
    config = yptf_moe_multi();
  } else {
    fail(ErrorCode::kNotFound, "no published model is named '{}'; there are {}", variant,
         fmt::join(published_variants(), ", "));
  }
  config.variant = variant;
  return config;
}

}  // namespace yourmt3
