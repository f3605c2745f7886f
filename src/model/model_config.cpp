#include "model/model_config.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/fail.h"
#include "model/config_fields.h"

namespace yourmt3 {
namespace {

using FeedForward = EncoderConfig::FeedForward;

// Far above any network, and low enough that products of a few sizes stay inside 64 bits.
constexpr int kMaxSize = 1 << 24;
// The published networks have up to 655; a list of this many is still made in a moment.
constexpr std::int64_t kMaxTensors = 100'000;

template <class... Args>
void require(bool holds, std::string_view field, fmt::format_string<Args...> format, Args&&... args) {
  if (holds) return;
  fail(ErrorCode::kInvalidArgument, "model configuration: {}: {}", field,
       fmt::format(format, std::forward<Args>(args)...));
}

/// No field may be absurdly large, or negative where nothing negative makes sense, whether it is used or not.
template <class Struct>
void check_sizes(const Struct& part, std::string_view prefix) {
  visit_fields(part, [&](const char* name, const auto& member) {
    using T = std::remove_cvref_t<decltype(member)>;
    const std::string field = fmt::format("{}.{}", prefix, name);
    if constexpr (std::same_as<T, int>) {
      require(member >= 0 && member <= kMaxSize, field, "is {}, expected 0 to {}", member, kMaxSize);
    } else if constexpr (std::same_as<T, float>) {
      require(std::isfinite(member), field, "is not a finite number");
    }
  });
}

void positive(int value, std::string_view field) {
  require(value > 0, field, "is {}, expected at least 1", value);
}
void fraction(float value, std::string_view field) {
  require(value >= 0.f && value < 1.f, field, "is {}, expected at least 0 and below 1", value);
}

void check_front_end(const FrontEndConfig& c) {
  positive(c.sample_rate, "front_end.sample_rate");
  positive(c.segment_samples, "front_end.segment_samples");
  positive(c.hop_length, "front_end.hop_length");
  require(c.n_fft >= 2 && c.n_fft % 2 == 0, "front_end.n_fft", "is {}, expected an even number", c.n_fft);
  // The reflection at the edges needs that many samples besides the edge itself.
  require(c.segment_samples > c.n_fft / 2, "front_end.segment_samples", "is {}, expected more than n_fft / 2 = {}",
          c.segment_samples, c.n_fft / 2);
  if (c.codec == FrontEndConfig::Codec::kMel) {
    positive(c.n_mels, "front_end.n_mels");
    require(c.f_min >= 0.f && c.f_min < c.f_max, "front_end.f_min", "is {} Hz, expected 0 to f_max = {} Hz", c.f_min,
            c.f_max);
    require(c.f_max <= static_cast<float>(c.sample_rate) / 2, "front_end.f_max",
            "is {} Hz, expected at most half of sample_rate = {} Hz", c.f_max, c.sample_rate);
  } else if (c.codec == FrontEndConfig::Codec::kLogFrequency) {
    require(c.bins_per_semitone >= 1 && c.bins_per_semitone <= 100, "front_end.bins_per_semitone",
            "is {}, expected 1 to 100", c.bins_per_semitone);
    require(c.pitch_min < c.pitch_max && c.pitch_max <= 160, "front_end.pitch_max",
            "is {}, expected more than pitch_min = {}, and at most 160", c.pitch_max, c.pitch_min);
  }
}

void check_pre_encoder(const ModelConfig& config) {
  const PreEncoderConfig& c = config.pre_encoder;
  const bool perceiver = config.encoder.type == EncoderConfig::Type::kPerceiverTf;
  require(perceiver == (c.type == PreEncoderConfig::Type::kResidualConv), "pre_encoder.type",
          "'{}' does not go with encoder.type '{}': perceiver_tf reads residual_conv, t5 reads none or harmonic",
          name_of(c.type), name_of(config.encoder.type));
  if (c.type == PreEncoderConfig::Type::kResidualConv) {
    positive(c.n_blocks, "pre_encoder.n_blocks");
    positive(c.channels, "pre_encoder.channels");
    require(c.kernel_t % 2 == 1, "pre_encoder.kernel_t", "is {}, expected an odd number", c.kernel_t);
    require(c.kernel_f % 2 == 1, "pre_encoder.kernel_f", "is {}, expected an odd number", c.kernel_f);
    require(c.n_blocks <= 24 && config.n_pooled_bins() > 0, "pre_encoder.n_blocks",
            "{} halvings leave nothing of {} bins", c.n_blocks, config.front_end.n_bins());
  } else if (c.type == PreEncoderConfig::Type::kHarmonic) {
    require(config.front_end.codec == FrontEndConfig::Codec::kLogFrequency, "pre_encoder.type",
            "harmonic needs front_end.codec log_frequency, found {}", name_of(config.front_end.codec));
    require(!c.harmonics.empty() && c.harmonics.size() <= 64, "pre_encoder.harmonics",
            "has {} entries, expected 1 to 64", c.harmonics.size());
    for (const float harmonic : c.harmonics) {
      require(harmonic > 0.f && harmonic <= 64.f, "pre_encoder.harmonics", "holds {}, expected above 0, at most 64",
              harmonic);
    }
    require(c.bin_radius <= 64, "pre_encoder.bin_radius", "is {}, expected at most 64", c.bin_radius);
    require(c.frame_radius <= 64, "pre_encoder.frame_radius", "is {}, expected at most 64", c.frame_radius);
    positive(c.n_pitches, "pre_encoder.n_pitches");
    positive(c.hidden, "pre_encoder.hidden");
    positive(c.width, "pre_encoder.width");
  }
}

void check_t5(const auto& c, std::string_view prefix, int n_frames) {
  const auto field = [&](const char* name) { return fmt::format("{}.{}", prefix, name); };
  positive(c.d_model, field("d_model"));
  positive(c.n_layers, field("n_layers"));
  positive(c.n_heads, field("n_heads"));
  positive(c.d_kv, field("d_kv"));
  positive(c.d_ff, field("d_ff"));
  fraction(c.dropout, field("dropout"));
  require(c.feed_forward != FeedForward::kMlp, field("feed_forward"), "is mlp, expected gmlp or moe in a T5 stack");
  if (!c.relative_position_bias) {
    require(c.n_positions >= n_frames, field("n_positions"), "is {}, expected at least {} for this sequence length",
            c.n_positions, n_frames);
  }
}

void check_experts(FeedForward kind, int n_experts, int top_k, std::string_view prefix) {
  if (kind != FeedForward::kMoe) return;
  positive(n_experts, fmt::format("{}.n_experts", prefix));
  require(top_k >= 1 && top_k <= n_experts, fmt::format("{}.top_k", prefix), "is {}, expected 1 to n_experts = {}",
          top_k, n_experts);
}

/// A few large numbers in a hostile file must not turn into a list of tensors that fills the memory.
void check_tensor_count(std::int64_t n_layers, FeedForward feed_forward, int n_experts, std::string_view field) {
  const std::int64_t each = 16 + (feed_forward == FeedForward::kMoe ? 3 * std::int64_t{n_experts} : 0);
  require(n_layers <= kMaxTensors / each, field, "and its companions ask for more than {} tensors", kMaxTensors);
}

void check_heads(int channels, int heads, std::string_view field) {
  require(channels % heads == 0, field, "is {}, expected a multiple of {} heads", channels, heads);
}

void check_perceiver(const ModelConfig& config) {
  const EncoderConfig& c = config.encoder;
  positive(c.d_model, "encoder.d_model");
  positive(c.n_latents, "encoder.n_latents");
  positive(c.qk_channels, "encoder.qk_channels");
  positive(c.v_channels, "encoder.v_channels");
  positive(c.n_cross_heads, "encoder.n_cross_heads");
  positive(c.n_self_heads, "encoder.n_self_heads");
  positive(c.n_blocks, "encoder.n_blocks");
  positive(c.ff_widening, "encoder.ff_widening");
  fraction(c.dropout, "encoder.dropout");
  require(c.norm_eps > 0.f, "encoder.norm_eps", "is {}, expected above 0", c.norm_eps);
  require(c.activation != Activation::kNone, "encoder.activation", "is none");
  for (const int heads : {c.n_cross_heads, c.n_self_heads}) {
    check_heads(c.qk_channels, heads, "encoder.qk_channels");
    check_heads(c.v_channels, heads, "encoder.v_channels");
  }
  const int keys = c.attention_to_channel ? config.n_pooled_bins() : config.pre_encoder.channels;
  require(c.kv_dim == keys, "encoder.kv_dim", "is {}, expected {}: the {} of the pre-encoder", c.kv_dim, keys,
          c.attention_to_channel ? "pooled bins" : "channels");
  if (c.position == LatentPosition::kRope) {
    // Two channels would need one frequency between two end points; the reference divides by zero there.
    require(c.rope_width() >= 3, "encoder.n_cross_heads", "is {}, too few for rotary positions{}", c.n_cross_heads,
            c.rope_partial ? " of half the width" : "");
    const int head_width = c.qk_channels / std::max(c.n_cross_heads, c.n_self_heads);
    require(2 * c.n_rope_frequencies() <= head_width, "encoder.qk_channels",
            "gives heads of {} channels, fewer than the {} that turn", head_width, 2 * c.n_rope_frequencies());
  } else if (c.position >= LatentPosition::kTrainableTkd && c.position <= LatentPosition::kTrainableKdt) {
    require(c.n_positions >= config.front_end.n_frames(), "encoder.n_positions", "is {}, expected at least {} frames",
            c.n_positions, config.front_end.n_frames());
  }
}

void check_pre_decoder(const ModelConfig& config) {
  const auto type = config.pre_decoder.type;
  const int latents = config.encoder.n_latents, width = config.encoder.d_model;
  const int channels = config.decoder.n_channels, d = config.decoder.d_model;
  const bool perceiver = config.encoder.type == EncoderConfig::Type::kPerceiverTf;
  positive(channels, "decoder.n_channels");
  require(perceiver != (type == PreDecoderConfig::Type::kNone), "pre_decoder.type",
          "'{}' does not go with encoder.type '{}': latents need one, t5 has none", name_of(type),
          name_of(config.encoder.type));
  require(channels == 1 || type == PreDecoderConfig::Type::kMultiChannelLinear, "decoder.n_channels",
          "is {}, but pre_decoder.type '{}' gives one channel; expected mc_shared_linear", channels, name_of(type));
  switch (type) {
    case PreDecoderConfig::Type::kNone:
      require(width == d, "decoder.d_model", "is {}, expected encoder.d_model = {} without a pre-decoder", d, width);
      break;
    case PreDecoderConfig::Type::kMultiChannelLinear:
      require(latents % channels == 0, "encoder.n_latents", "is {}, expected a multiple of {} decoder channels",
              latents, channels);
      break;
    case PreDecoderConfig::Type::kGroupLinear:
      require(d % latents == 0, "decoder.d_model", "is {}, expected a multiple of {} latents", d, latents);
      break;
    case PreDecoderConfig::Type::kMlp:
      require(std::int64_t{latents} * width >= 2, "encoder.d_model",
              "is too small for a hidden layer of half the width");
      break;
    case PreDecoderConfig::Type::kLinear:
      break;
  }
}

void check_auxiliary(const ModelConfig& config) {
  const AuxiliaryConfig& c = config.auxiliary;
  require(config.encoder.type == EncoderConfig::Type::kT5 || (!c.notes && c.n_groups == 0), "auxiliary",
          "heads need encoder.type t5, whose output is one vector for each frame");
  if (c.notes) {
    positive(config.pre_encoder.n_pitches, "pre_encoder.n_pitches");
    require(c.drum_min + c.n_drums <= 128, "auxiliary.n_drums", "is {}, which from key {} upwards leaves the 128 keys",
            c.n_drums, c.drum_min);
  }
  require(
      c.group_notes == 0 || (c.notes && c.n_groups > 1 && config.pre_encoder.type == PreEncoderConfig::Type::kHarmonic),
      "auxiliary.group_notes", "needs auxiliary.notes, two or more auxiliary.n_groups and pre_encoder.type harmonic");
  require(!c.refine_notes || c.group_notes > 0, "auxiliary.refine_notes", "needs auxiliary.group_notes");
  require(c.context_layers >= 0 && c.context_layers <= 8, "auxiliary.context_layers", "is {}, expected 0 to 8",
          c.context_layers);
  require(c.context_layers == 0 || c.group_notes > 0, "auxiliary.context_layers", "needs auxiliary.group_notes");
  require(c.timbre_width == 0 || (c.timbre_width > 0 && c.group_notes > 0), "auxiliary.timbre_width",
          "is {}, expected 0 or, with auxiliary.group_notes, more", c.timbre_width);
  require(c.drum_width == 0 || (c.drum_width > 0 && c.notes && c.n_drums > 0 &&
                                config.pre_encoder.type == PreEncoderConfig::Type::kHarmonic),
          "auxiliary.drum_width", "needs auxiliary.notes, auxiliary.n_drums and pre_encoder.type harmonic");
  require(c.drum_layers >= 0 && c.drum_layers <= 8, "auxiliary.drum_layers", "is {}, expected 0 to 8", c.drum_layers);
  require(c.drum_layers == 0 || c.drum_width > 0, "auxiliary.drum_layers", "needs auxiliary.drum_width");
  require(c.notes || config.inference.fusion_weight == 0.f, "inference.fusion_weight", "needs auxiliary.notes");
  const InferenceConfig& inference = config.inference;
  require(inference.fusion_clamp >= 0.f, "inference.fusion_clamp", "is {}, expected 0 or more", inference.fusion_clamp);
  require(inference.group_weight == 0.f || (c.group_notes > 0 && inference.certain_onset > 0.f),
          "inference.group_weight", "needs auxiliary.group_notes and inference.certain_onset");
  require(inference.group_weight >= 0.f, "inference.group_weight", "is {}, expected 0 or more", inference.group_weight);
  require(inference.group_prior == 0.f || inference.group_weight > 0.f, "inference.group_prior",
          "needs inference.group_weight");
  require(inference.group_prior >= 0.f, "inference.group_prior", "is {}, expected 0 or more", inference.group_prior);
  require(!inference.overlap || (inference.certain_onset > 0.f && config.front_end.n_frames() >= 16),
          "inference.overlap", "needs inference.certain_onset and segments of 16 frames or more");
  if (inference.certain_onset == 0.f) return;
  require(c.notes && inference.grammar && inference.onset_only && config.decoder.n_channels == 1,
          "inference.certain_onset", "needs auxiliary.notes, grammar, onset_only and one decoder channel");
  require(inference.possible_onset > 0 && inference.possible_onset <= inference.certain_onset,
          "inference.possible_onset", "is {}, expected above 0 and at most certain_onset {}", inference.possible_onset,
          inference.certain_onset);
  require(inference.possible_drum > 0 && inference.possible_drum <= inference.certain_drum, "inference.possible_drum",
          "is {}, expected above 0 and at most certain_drum {}", inference.possible_drum, inference.certain_drum);
}

}  // namespace

int FrontEndConfig::n_bins() const {
  switch (codec) {
    case Codec::kLinear:
      return n_fft / 2;
    case Codec::kMel:
      return n_mels;
    case Codec::kLogFrequency:
      break;
  }
  return (pitch_max - pitch_min) * bins_per_semitone;
}

int PreEncoderConfig::n_harmonic_inputs() const {
  return static_cast<int>(harmonics.size()) * (2 * bin_radius + 1) * (2 * frame_radius + 1);
}

int ModelConfig::n_pooled_bins() const {
  return front_end.n_bins() >> pre_encoder.n_blocks;
}

bool ModelConfig::pre_decoder_is_identity() const {
  return pre_decoder.type == PreDecoderConfig::Type::kMultiChannelLinear &&
         std::int64_t{n_latents() / decoder.n_channels} * encoder.d_model == decoder.d_model;
}

void validate(const ModelConfig& config) {
  check_sizes(config.front_end, "front_end");
  check_sizes(config.pre_encoder, "pre_encoder");
  check_sizes(config.encoder, "encoder");
  check_sizes(config.decoder, "decoder");
  check_sizes(config.auxiliary, "auxiliary");
  check_sizes(config.inference, "inference");
  const EncoderConfig& encoder = config.encoder;
  check_tensor_count(encoder.type == EncoderConfig::Type::kT5
                         ? encoder.n_layers
                         : std::int64_t{encoder.n_blocks} * (1 + encoder.n_local_layers + encoder.n_temporal_layers),
                     encoder.feed_forward, encoder.n_experts, "encoder.n_layers or n_blocks");
  check_tensor_count(config.decoder.n_layers, config.decoder.feed_forward, config.decoder.n_experts,
                     "decoder.n_layers");
  check_front_end(config.front_end);
  check_pre_encoder(config);
  if (config.encoder.type == EncoderConfig::Type::kT5) {
    check_t5(config.encoder, "encoder", config.front_end.n_frames());
    if (config.pre_encoder.type == PreEncoderConfig::Type::kNone) {
      require(config.encoder.d_model == config.front_end.n_bins(), "encoder.d_model",
              "is {}, expected the {} bins of the front end", config.encoder.d_model, config.front_end.n_bins());
    }
  } else {
    check_perceiver(config);
  }
  check_experts(config.encoder.feed_forward, config.encoder.n_experts, config.encoder.top_k, "encoder");
  check_pre_decoder(config);
  positive(config.decoder.vocab_size, "decoder.vocab_size");
  positive(config.decoder.max_length, "decoder.max_length");
  check_t5(config.decoder, "decoder", config.decoder.max_length);
  check_experts(config.decoder.feed_forward, config.decoder.n_experts, config.decoder.top_k, "decoder");
  require(config.decoder.logit_scale >= 0.f, "decoder.logit_scale", "is {}, expected at least 0",
          config.decoder.logit_scale);
  check_auxiliary(config);
}

}  // namespace yourmt3
