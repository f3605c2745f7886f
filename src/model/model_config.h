#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/dtype.h"

namespace yourmt3 {

/// How a waveform segment becomes the (T, F) picture that the network sees.
struct FrontEndConfig {
  enum class Codec {
    kLinear,        ///< Magnitude bins 1..n_fft/2, log, min-max over the segment ("spec" of the reference).
    kMel,           ///< HTK mel power bands, log, min-max over the segment ("melspec" of the reference).
    kLogFrequency,  ///< Triangular bands on a semitone grid, log10; no counterpart in the reference.
  };
  Codec codec = Codec::kLinear;
  int sample_rate = 16000;      ///< Hz.
  int segment_samples = 32767;  ///< Samples in one segment.
  int n_fft = 2048;             ///< Samples in one window; even.
  int hop_length = 300;         ///< Samples from one frame to the next.
  int n_mels = 512;             ///< kMel: bands.
  float f_min = 50.f;           ///< kMel: Hz, lower edge of the first band.
  float f_max = 8000.f;         ///< kMel: Hz, upper edge of the last band.
  int bins_per_semitone = 3;    ///< kLogFrequency.
  int pitch_min = 21;           ///< kLogFrequency: MIDI pitch of the first band.
  int pitch_max = 119;          ///< kLogFrequency: MIDI pitch behind the last band.

  int n_frames() const { return segment_samples / hop_length + 1; }  ///< T.
  int n_bins() const;                                                ///< F.

  friend bool operator==(const FrontEndConfig&, const FrontEndConfig&) = default;
};

struct PreEncoderConfig {
  enum class Type {
    kNone,
    kResidualConv,  ///< Residual 3x3 convolutions with pooling over frequency ("conv" of the reference).
    kHarmonic,      ///< One small network shared by all pitches, fed with the bins at its harmonics; ours.
  };
  Type type = Type::kResidualConv;
  // kResidualConv
  int n_blocks = 3;
  int channels = 128;  ///< C.
  int kernel_t = 3, kernel_f = 3;
  // kHarmonic: inputs of a pitch are harmonics x (2 bin_radius + 1) bins x (2 frame_radius + 1) frames.
  int n_pitches = 88;  ///< From the front end's pitch_min upwards.
  std::vector<float> harmonics = {0.5f, 1, 2, 3, 4, 5, 6, 8};
  int bin_radius = 1;
  int frame_radius = 2;
  int hidden = 48;  ///< Width between the two shared linear layers.
  int width = 16;   ///< Features of one pitch and frame.
  /// kHarmonic: a value y of the front end enters as input_gain * y + input_offset, silence around the segment too. A
  /// network learns faster from values around zero.
  float input_gain = 1;
  float input_offset = 0;

  int n_harmonic_inputs() const;  ///< kHarmonic: inputs of one pitch and frame.

  friend bool operator==(const PreEncoderConfig&, const PreEncoderConfig&) = default;
};

/// Names as in the reference's configuration.
enum class Activation { kGelu, kSilu, kRelu, kTanh, kGeluNew, kNone };
enum class Norm { kLayerNorm, kRmsNorm };

/// Position encodings of the PerceiverTF encoder. The letters name the axes of the trained table: T frames, K latents,
/// D width; kdt keeps one table for the latents and one for the frames.
enum class LatentPosition {
  kNone,
  kTrainableTkd,
  kTrainableTd,
  kTrainableTk,
  kTrainableKdt,
  kRope,
  kAlibi,
  kAlibiTrained
};
enum class RopeKind { kPixel, kLang };

struct EncoderConfig {
  enum class Type { kT5, kPerceiverTf };
  enum class FeedForward { kMlp, kGatedMlp, kMoe };
  Type type = Type::kPerceiverTf;
  int d_model = 128;  ///< Width of a frame (T5) or of a latent (PerceiverTF: D).
  float dropout = 0.1f;
  Activation activation = Activation::kGelu;  ///< PerceiverTF only; T5 uses gated tanh-GELU.
  int n_positions = 120;                      ///< Rows of the stored position table.
  int n_experts = 8;
  int top_k = 2;
  FeedForward feed_forward = FeedForward::kMlp;  ///< T5: kGatedMlp or kMoe.

  // T5
  int n_layers = 8;
  int n_heads = 6;
  int d_kv = 64;  ///< Width of one head.
  int d_ff = 1024;
  bool relative_position_bias = false;  ///< T5's own bias in place of the sinusoid table.

  // PerceiverTF
  int n_latents = 24;     ///< K.
  int kv_dim = 128;       ///< Width of the keys that spectral cross attention reads.
  int qk_channels = 128;  ///< Width of queries and keys, all heads together.
  int v_channels = 128;
  int n_cross_heads = 8;
  int n_self_heads = 8;
  int n_blocks = 3;
  int n_local_layers = 2;
  int n_temporal_layers = 2;
  int ff_widening = 1;
  bool sca_query_residual = false;
  bool attention_to_channel = true;  ///< Keys are the C feature maps; otherwise the F' bins.
  Norm norm = Norm::kLayerNorm;
  float norm_eps = 1e-5f;
  LatentPosition position = LatentPosition::kTrainableTkd;
  RopeKind rope_sca = RopeKind::kPixel, rope_latent = RopeKind::kPixel, rope_temporal = RopeKind::kLang;
  bool rope_partial = true;
  bool rope_apply_to_keys = false;

  int rope_width() const { return rope_partial ? n_cross_heads / 2 : n_cross_heads; }
  int n_rope_frequencies() const { return rope_width() / 2; }  ///< Pairs of channels that turn, in each head.

  friend bool operator==(const EncoderConfig&, const EncoderConfig&) = default;
};

struct PreDecoderConfig {
  enum class Type { kNone, kLinear, kMultiChannelLinear, kGroupLinear, kMlp };
  Type type = Type::kLinear;
  Activation activation = Activation::kGelu;  ///< kMlp; kNone leaves two linear layers and their norms.

  friend bool operator==(const PreDecoderConfig&, const PreDecoderConfig&) = default;
};

struct DecoderConfig {
  int n_channels = 1;  ///< Independent token sequences for one segment; 13 in the "Multi" variants.
  int d_model = 512;
  int n_layers = 8;
  int n_heads = 6;
  int d_kv = 64;
  int d_ff = 1024;
  int vocab_size = 596;
  int max_length = 1024;   ///< Tokens in one sequence at most.
  int n_positions = 1034;  ///< Rows of the sinusoid table.
  float dropout = 0.05f;
  float logit_scale = 0.f;  ///< Factor between the final norm and the head; 0 means d_model^-0.5 as the reference.
  bool relative_position_bias = false;
  EncoderConfig::FeedForward feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  int n_experts = 8;
  int top_k = 2;

  friend bool operator==(const DecoderConfig&, const DecoderConfig&) = default;
};

/// Per-frame heads on the encoder output; ours, absent from the published variants.
struct AuxiliaryConfig {
  bool notes = false;  ///< n_pitches onsets, n_pitches sounding, 64 drum keys (from 27 upwards).
  int n_groups = 0;    ///< Presence of the instrument groups; 0 for none, 13 for those of the mc13 tasks.
  int n_drums = 64;
  int drum_min = 27;  ///< MIDI key of the first drum logit.
  /// Width of a head that tells, for every pitch and frame, which pitched group begins the note; 0 for none.
  int group_notes = 0;
  /// group_notes: the same head corrects the onset and sounding logits of its pitch.
  bool refine_notes = false;
  /// group_notes: layers through which the head sees what it made of other frames and of related pitches.
  int context_layers = 0;
  /// group_notes: width of a network that looks longer and closer at where a note may begin, to tell who plays; 0 for
  /// none.
  int timbre_width = 0;
  /// notes: width of a head for drums that sees the spectrum around a frame and corrects the drum logits; 0 for none.
  int drum_width = 0;
  /// drum_width: layers through which that head sees what it made of other frames.
  int drum_layers = 0;

  /// A place that a network which all pitches share looks at, relative to its own, in frames and semitones.
  struct Tap {
    int frame, pitch;
  };
  /// group_notes: where it sees the features of its pitch: before, the attack, what follows.
  static constexpr auto kGroupNoteTaps = std::to_array<Tap>({{-4, 0}, {0, 0}, {4, 0}, {8, 0}});
  /// group_notes: what the encoder tells it of each pitch.
  static constexpr int kGroupNoteHints = 8;
  /// context_layers: where a layer sees kContextWidth numbers: its pitch at other times, and at its time the pitches
  /// that share harmonics with it or border on it.
  static constexpr auto kContextTaps = [] {
    std::array<Tap, 19> taps{};
    std::size_t n = 0;
    for (const int frame : {-16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16}) taps[n++] = {frame, 0};
    for (const int pitch : {-24, -19, -12, -1, 1, 12, 19, 24}) taps[n++] = {0, pitch};
    return taps;
  }();
  static constexpr int kContextWidth = 16;
  /// timbre_width: harmonics and frames of a note that it sees, with the bins on both sides of a harmonic.
  static constexpr int kTimbreHarmonics = 16;
  static constexpr int kTimbreBinRadius = 1;
  static constexpr auto kTimbreFrames = std::to_array<int>({-4, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32});
  static constexpr int kTimbreInputs =
      kTimbreHarmonics * (2 * kTimbreBinRadius + 1) * static_cast<int>(kTimbreFrames.size());
  /// timbre_width: a note may begin where the onset logit of the pitch, or that of a frame beside, is above this: a
  /// probability of 0.05.
  static constexpr float kTimbreLeastOnset = -2.944f;
  /// drum_width: sums of the spectrum that the head reads, and in which frames.
  static constexpr int kDrumBands = 48;
  static constexpr auto kDrumTaps = [] {
    std::array<Tap, 9> taps{};
    for (std::size_t i = 0; i < taps.size(); ++i) taps[i] = {static_cast<int>(i) - 4, 0};
    return taps;
  }();
  /// drum_layers: where a layer sees kDrumContextWidth numbers.
  static constexpr auto kDrumContextTaps = std::to_array<Tap>(
      {{-16, 0}, {-8, 0}, {-4, 0}, {-2, 0}, {-1, 0}, {0, 0}, {1, 0}, {2, 0}, {4, 0}, {8, 0}, {16, 0}});
  static constexpr int kDrumContextWidth = 32;
  /// All groups but the last, the drums.
  int n_pitched_groups() const { return n_groups - 1; }

  friend bool operator==(const AuxiliaryConfig&, const AuxiliaryConfig&) = default;
};

/// How tokens are drawn; the defaults are the reference's plain greedy search.
struct InferenceConfig {
  bool grammar = false;       ///< Forbid tokens that cannot follow.
  float fusion_weight = 0.f;  ///< Weight of the auxiliary onset logits in the choice of tokens.
  float fusion_bias = 0.6f;
  float fusion_clamp = 4.f;
  /// Tokens tell onsets only; offsets come from the auxiliary "sounding" head. Without auxiliary.notes every note gets
  /// the shortest length, so that nothing but onsets can be scored.
  bool onset_only = false;
  float sounding_threshold = 0.5f;

  // Onset candidates: peaks of the auxiliary onset heads, by their probability summed over three frames and, for
  // pitches, what the "sounding" head says to it (see transcribe/onset_candidates.h). With
  // certain_onset above 0 those from it upwards are written, those below possible_onset are not, and the decoder
  // decides about the others and about the instruments.
  float certain_onset = 0.f;
  float possible_onset = 0.f;  ///< At most certain_onset.
  float certain_drum = 0.f;
  float possible_drum = 0.f;  ///< At most certain_drum.
  /// Weight of what auxiliary.group_notes says to who plays a candidate, beside the decoder; 0 leaves it to the
  /// decoder.
  float group_weight = 0.f;
  /// Weight of how much each group has played so far in the choice of who plays a candidate, see
  /// transcribe/group_prior.h; 0 for none.
  float group_prior = 0.f;
  /// Onset candidates and groups are taken from two segments that overlap by half, see transcribe/overlapped_heads.h.
  bool overlap = false;

  friend bool operator==(const InferenceConfig&, const InferenceConfig&) = default;
};

/// Every hyper-parameter of a network. Field names are those of the JSON in a model file's metadata.
struct ModelConfig {
  std::string variant = "custom";      ///< Name of the published variant, or "custom".
  std::string task = "mt3_full_plus";  ///< Names the vocabulary and the channels; see score/task.h.
  FrontEndConfig front_end;
  PreEncoderConfig pre_encoder;
  EncoderConfig encoder;
  PreDecoderConfig pre_decoder;
  DecoderConfig decoder;
  AuxiliaryConfig auxiliary;
  InferenceConfig inference;

  /// Latents of a frame, K; 1 for encoders that have none.
  int n_latents() const { return encoder.type == EncoderConfig::Type::kPerceiverTf ? encoder.n_latents : 1; }
  /// Samples from the beginning of one segment to that of the next when a recording is transcribed: all of a segment's
  /// or, with inference.overlap, an even number of hops, so that frames of all segments lie on one grid.
  int segment_advance() const {
    return inference.overlap ? (front_end.n_frames() - 1) / 2 * 2 * front_end.hop_length : front_end.segment_samples;
  }
  /// Frequency bins that the residual convolutions leave, F'.
  int n_pooled_bins() const;
  /// True when the pre-decoder of several channels hands its input on as it is and owns no weights.
  bool pre_decoder_is_identity() const;

  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

/// The five published networks: "ymt3plus", "yptf-single-nops", "yptf-multi-ps", "yptf-moe-multi-nops",
/// "yptf-moe-multi-ps". Throws Error(kNotFound) that lists them.
ModelConfig published_config(std::string_view variant);
const std::vector<std::string>& published_variants();

/// Throws Error(kInvalidArgument) naming the field when the parts do not fit together.
void validate(const ModelConfig& config);

/// A parameter or buffer that a network of this configuration owns.
struct TensorSpec {
  enum class Kind {
    kParameter,  ///< Trained.
    kFrozen,     ///< A parameter that training leaves as it is: position tables, frequencies.
    kBuffer,     ///< Running statistics, windows, filter banks.
  };
  std::string name;                 ///< Official key of the reference's state dict.
  std::vector<std::int64_t> shape;  ///< Row-major; empty for a scalar.
  /// False for what can be computed (position tables, filter banks, windows, frequencies) and for what only training
  /// needs.
  bool required = true;
  Kind kind = Kind::kParameter;
  DType dtype = DType::kF32;  ///< As the reference stores it; readers accept every floating type for a floating one.
  std::string alias_of{};     ///< Name of the tensor that this is a stored copy of, or empty.
};

/// All tensors of the network, in the order of the reference's state dict. `config` is valid.
std::vector<TensorSpec> expected_tensors(const ModelConfig& config);

/// True for entries of official checkpoints that no network needs: pitch-shift kernels and what can be computed.
bool is_ignorable_tensor(std::string_view name);

void to_json(nlohmann::json& json, const ModelConfig& config);
/// Missing fields keep their defaults; an unknown field or a wrong type throws Error(kMalformed) naming it.
void from_json(const nlohmann::json& json, ModelConfig& config);

}  // namespace yourmt3
