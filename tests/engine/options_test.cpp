// Every option of the networks, published or not, against the plain double-precision network of reference_network.h.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/fail.h"
#include "engine/arithmetic.h"
#include "engine/engine.h"
#include "reference_network.h"
#include "tiny_models.h"

namespace yourmt3 {
namespace {

using testing::formula_model;
using testing::matrix_of;
using testing::random_values;
using testing::ReferenceNetwork;

/// float32 in a few dozen layers of sums of some 20 terms, on values of order `largest`: some hundred roundings.
void expect_close(const std::vector<float>& found, const std::vector<double>& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double largest = 1, worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    worst = std::max(worst, std::abs(found[i] - expected[i]));
    ASSERT_TRUE(std::isfinite(found[i])) << what;
  }
  EXPECT_LE(worst, 300 * 6e-8 * largest) << what;
}

void expect_perceiver_agrees(const ModelConfig& config, const std::string& what) {
  const Model model = formula_model(config, 11);
  const Engine engine(model, {.n_threads = 2});
  const int frames = config.front_end.n_frames(), bins = config.n_pooled_bins(), maps = config.pre_encoder.channels;
  const auto input = random_values(std::size_t(frames * bins * maps), 5, 0.f, 2.f);
  expect_close(engine.encode_features(input, 1),
               ReferenceNetwork(model).perceiver(matrix_of(input, frames * bins, maps)).values, what);
}

TEST(Precision, NamesAndValuesBelongTogether) {
  for (const Precision precision : {Precision::kAuto, Precision::kF32, Precision::kBf16, Precision::kInt8}) {
    EXPECT_EQ(precision_from_name(precision_name(precision)), precision);
  }
  EXPECT_EQ(precision_from_name("int8"), Precision::kInt8);
  EXPECT_EQ(precision_from_name("bf8"), std::nullopt);
  EXPECT_EQ(precision_from_name(""), std::nullopt);
}

TEST(Precision, AutomaticallyIsTheFastestOfF32AndBf16) {
  for (const Isa isa : supported_isas()) {
    const Kernels& kernels = kernels_for(isa);
    EXPECT_EQ(resolve(Precision::kAuto, kernels), kernels.fast_bf16 ? Precision::kBf16 : Precision::kF32);
    EXPECT_EQ(resolve(Precision::kInt8, kernels), Precision::kInt8);
    const Engine engine(formula_model(testing::tiny_perceiver(), 1),
                        {.n_threads = 1, .precision = Precision::kAuto, .isa = isa});
    EXPECT_EQ(engine.precision(), resolve(Precision::kAuto, kernels));
  }
}

TEST(PerceiverOptions, EveryPositionEncodingAgreesWithThePlainNetwork) {
  for (const LatentPosition position :
       {LatentPosition::kNone, LatentPosition::kTrainableTkd, LatentPosition::kTrainableTd,
        LatentPosition::kTrainableTk, LatentPosition::kTrainableKdt, LatentPosition::kRope, LatentPosition::kAlibi,
        LatentPosition::kAlibiTrained}) {
    ModelConfig config = testing::tiny_perceiver();
    config.encoder.position = position;
    config.encoder.rope_partial = false;
    expect_perceiver_agrees(config, fmt::format("position {}", static_cast<int>(position)));
  }
}

TEST(PerceiverOptions, RotationsOfEveryKindAgreeWithThePlainNetwork) {
  for (const bool to_keys : {false, true}) {
    for (const RopeKind kind : {RopeKind::kPixel, RopeKind::kLang}) {
      ModelConfig config = testing::tiny_perceiver();
      config.encoder.position = LatentPosition::kRope;
      config.encoder.n_cross_heads = 8;
      config.encoder.qk_channels = 32;
      config.encoder.rope_apply_to_keys = to_keys;
      config.encoder.rope_sca = config.encoder.rope_temporal = kind;
      config.encoder.rope_latent = kind == RopeKind::kPixel ? RopeKind::kLang : RopeKind::kPixel;
      expect_perceiver_agrees(config, fmt::format("keys {}, kind {}", to_keys, static_cast<int>(kind)));
    }
  }
}

TEST(PerceiverOptions, EveryFeedForwardAndActivationAgreesWithThePlainNetwork) {
  using Kind = EncoderConfig::FeedForward;
  for (const Kind kind : {Kind::kMlp, Kind::kGatedMlp, Kind::kMoe}) {
    for (const Activation activation :
         {Activation::kGelu, Activation::kSilu, Activation::kRelu, Activation::kTanh, Activation::kGeluNew}) {
      ModelConfig config = testing::tiny_perceiver();
      config.encoder.feed_forward = kind;
      config.encoder.activation = activation;
      expect_perceiver_agrees(config, fmt::format("{}, {}", static_cast<int>(kind), static_cast<int>(activation)));
    }
  }
}

TEST(PerceiverOptions, NumbersOfChosenExpertsAgreeWithThePlainNetwork) {
  for (const int top_k : {1, 3, 5}) {
    ModelConfig config = testing::tiny_perceiver();
    config.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
    config.encoder.top_k = top_k;
    expect_perceiver_agrees(config, fmt::format("top {}", top_k));
  }
}

TEST(PerceiverOptions, RmsNormResidualAndAttentionToFrequencyAgreeWithThePlainNetwork) {
  ModelConfig config = testing::tiny_perceiver();
  config.encoder.norm = Norm::kRmsNorm;
  expect_perceiver_agrees(config, "rms norm");
  config = testing::tiny_perceiver();
  config.encoder.sca_query_residual = true;
  expect_perceiver_agrees(config, "residual");
  config.encoder.attention_to_channel = false;
  config.encoder.kv_dim = config.pre_encoder.channels;
  expect_perceiver_agrees(config, "attention to frequency");
}

TEST(T5Options, EncodersAgreeWithThePlainNetwork) {
  for (const bool relative : {false, true}) {
    for (const auto kind : {EncoderConfig::FeedForward::kGatedMlp, EncoderConfig::FeedForward::kMoe}) {
      ModelConfig config = testing::tiny_harmonic();
      config.encoder.relative_position_bias = relative;
      config.encoder.feed_forward = kind;
      config.encoder.n_experts = 4;
      config.front_end.hop_length = 20;  // 150 frames, past the last bucket of relative positions.
      config.encoder.n_positions = 160;
      const Model model = formula_model(config, 3);
      const Engine engine(model, {.n_threads = 2});
      const int frames = config.front_end.n_frames();
      const auto input = random_values(std::size_t(frames * config.encoder.d_model), 5);
      expect_close(engine.encode_features(input, 1),
                   ReferenceNetwork(model).t5_encoder(matrix_of(input, frames, config.encoder.d_model)).values,
                   fmt::format("relative {}, {}", relative, static_cast<int>(kind)));
    }
  }
}

/// Notes the logits of every step.
class Recorder : public LogitProcessor {
 public:
  explicit Recorder(int rows) : logits(static_cast<std::size_t>(rows)) {}
  void process(int row, std::span<const std::int32_t> tokens, std::span<float> values) override {
    EXPECT_EQ(tokens.size() * values.size(), logits[static_cast<std::size_t>(row)].size());
    auto& mine = logits[static_cast<std::size_t>(row)];
    mine.insert(mine.end(), values.begin(), values.end());
  }
  std::vector<std::vector<float>> logits;
};

TEST(T5Options, DecodersWithAndWithoutCacheAgreeWithThePlainNetwork) {
  for (const bool relative : {false, true}) {
    for (const auto kind : {EncoderConfig::FeedForward::kGatedMlp, EncoderConfig::FeedForward::kMoe}) {
      for (const float scale : {0.f, 0.8f}) {
        ModelConfig config = testing::tiny_perceiver();
        config.decoder.relative_position_bias = relative;
        config.decoder.feed_forward = kind;
        config.decoder.logit_scale = scale;
        const std::string what = fmt::format("relative {}, {}, scale {}", relative, static_cast<int>(kind), scale);
        const Model model = formula_model(config, 3);
        const Engine engine(model, {.n_threads = 2});
        const int frames = config.front_end.n_frames(), d = config.decoder.d_model;
        const auto memory = random_values(std::size_t(frames * d), 6);
        Recorder recorder(1);
        const auto tokens = engine.decode({1, memory, {}}, &recorder, 68).front();
        std::vector<std::int32_t> ids = {0};
        ids.insert(ids.end(), tokens.begin(), tokens.end());
        ids.resize(recorder.logits[0].size() / static_cast<std::size_t>(config.decoder.vocab_size), 0);
        const auto expected = ReferenceNetwork(model).decoder(ids, matrix_of(memory, frames, d)).values;
        expect_close(engine.decoder_logits(ids, memory, 1), expected, what);
        expect_close(recorder.logits[0], expected, what + ", cached");
      }
    }
  }
}

TEST(PreDecoderOptions, AgreeWithThePlainNetwork) {
  using Type = PreDecoderConfig::Type;
  for (const Type type : {Type::kLinear, Type::kMultiChannelLinear, Type::kGroupLinear, Type::kMlp}) {
    for (const Activation activation : {Activation::kGelu, Activation::kRelu, Activation::kNone}) {
      ModelConfig config = testing::tiny_multi();
      config.pre_decoder.type = type;
      config.pre_decoder.activation = activation;
      if (type != Type::kMultiChannelLinear) config.decoder.n_channels = 1;
      const Model model = formula_model(config, 3);
      const Engine engine(model, {.n_threads = 2});
      const ReferenceNetwork plain(model);
      const int frames = config.front_end.n_frames(), latents = config.encoder.n_latents,
                width = config.encoder.d_model;
      const int channels = config.decoder.n_channels, d = config.decoder.d_model;
      const auto input = random_values(std::size_t(frames * latents * width), 6);
      std::vector<double> expected(std::size_t(channels * frames * d));
      for (int t = 0; t < frames; ++t) {
        const std::vector<float> frame(input.begin() + t * latents * width, input.begin() + (t + 1) * latents * width);
        if (type == Type::kGroupLinear) {
          const auto w = plain.tensor("pre_decoder.0.weight");
          for (int i = 0; i < d; ++i) {
            const int k = i / (d / latents);
            for (int j = 0; j < width; ++j) {
              expected[std::size_t(t * d + i)] += w[std::size_t(i * width + j)] * frame[std::size_t(k * width + j)];
            }
          }
          continue;
        }
        testing::Matrix x = matrix_of(frame, channels, latents * width / channels);
        if (type == Type::kLinear) {
          x = plain.linear(x, "pre_decoder.0.projection_layer");
        } else if (type == Type::kMultiChannelLinear) {
          x = plain.linear(x, "pre_decoder.0.linear");
        } else {
          for (const int n : {1, 4}) {
            x = plain.linear(x, fmt::format("pre_decoder.0.layers.{}", n));
            x = plain.norm(x, fmt::format("pre_decoder.0.layers.{}", n + 1), true, 1e-5);
            for (double& value : x.values) value = testing::scalar_activation(activation, value);
          }
          x = plain.linear(x, "pre_decoder.0.layers.7");
        }
        for (int c = 0; c < channels; ++c) {
          for (int i = 0; i < d; ++i) expected[std::size_t((c * frames + t) * d + i)] = x(c, i);
        }
      }
      expect_close(engine.pre_decode(input, 1), expected,
                   fmt::format("type {}, {}", static_cast<int>(type), static_cast<int>(activation)));
    }
  }
}

TEST(HarmonicFrontEnd, AgreesWithAScalarLoop) {
  // Harmonics beyond both ends of the spectrogram and blocks of inputs that are no whole vectors; then a single input.
  ModelConfig wide = testing::tiny_harmonic(), narrow = wide;
  wide.pre_encoder.harmonics = {0.1f, 1, 40};
  wide.pre_encoder.bin_radius = 3;
  wide.pre_encoder.frame_radius = 9;
  wide.pre_encoder.input_gain = 4.f;
  wide.pre_encoder.input_offset = -3.2f;
  narrow.pre_encoder.harmonics = {2.f};
  narrow.pre_encoder.bin_radius = narrow.pre_encoder.frame_radius = 0;
  for (const ModelConfig& config : {testing::tiny_harmonic(), wide, narrow}) {
    const Model model = formula_model(config, 3);
    const Engine engine(model, {.n_threads = 2});
    const ReferenceNetwork plain(model);
    const PreEncoderConfig& pre = config.pre_encoder;
    const int frames = config.front_end.n_frames(), bins = config.front_end.n_bins(),
              per = config.front_end.bins_per_semitone;
    const auto y = random_values(std::size_t(frames * bins), 8, 0.f, 1.f);
    const auto scaled = [&pre](float value) { return pre.input_gain * value + pre.input_offset; };
    testing::Matrix features(frames, pre.n_pitches * pre.width);
    for (int t = 0; t < frames; ++t) {
      for (int p = 0; p < pre.n_pitches; ++p) {
        std::vector<float> x;
        for (const float harmonic : pre.harmonics) {
          for (int b = -pre.bin_radius; b <= pre.bin_radius; ++b) {
            for (int e = -pre.frame_radius; e <= pre.frame_radius; ++e) {
              const int bin = p * per + int(std::lround(12 * per * std::log2(harmonic))) + b;
              const bool inside = bin >= 0 && bin < bins && t + e >= 0 && t + e < frames;
              x.push_back(scaled(inside ? y[std::size_t((t + e) * bins + bin)] : 0.f));
            }
          }
        }
        testing::Matrix h = plain.linear(matrix_of(x, 1, int(x.size())), "pre_encoder.harmonic.hidden");
        for (double& value : h.values) value = testing::scalar_activation(Activation::kGelu, value);
        h = plain.linear(h, "pre_encoder.harmonic.output");
        for (int i = 0; i < pre.width; ++i) {
          features(t, p * pre.width + i) = testing::scalar_activation(Activation::kGelu, h(0, i));
        }
      }
    }
    testing::Matrix expected = plain.linear(features, "pre_encoder.projection");
    std::vector<float> frame_values(y.size());
    std::transform(y.begin(), y.end(), frame_values.begin(), scaled);
    const testing::Matrix direct = plain.linear(matrix_of(frame_values, frames, bins), "pre_encoder.direct");
    for (std::size_t i = 0; i < expected.values.size(); ++i) expected.values[i] += direct.values[i];
    expect_close(engine.pre_encode(y, 1), expected.values, pre.bin_radius == 0 ? "narrow" : "harmonic");
  }
}

TEST(AuxiliaryHeads, AreLinearInTheEncoderOutputNotesBeforeGroups) {
  const ModelConfig config = testing::tiny_harmonic();
  const Model model = formula_model(config, 3);
  const Engine engine(model, {.n_threads = 2});
  const int frames = config.front_end.n_frames(), d = config.encoder.d_model;
  const auto encoded = random_values(std::size_t(2 * frames * d), 8);
  const auto x = matrix_of(encoded, 2 * frames, d);
  const auto notes = ReferenceNetwork(model).linear(x, "auxiliary.notes");
  const auto groups = ReferenceNetwork(model).linear(x, "auxiliary.groups");
  std::vector<double> expected;
  for (int t = 0; t < 2 * frames; ++t) {
    for (int i = 0; i < notes.columns; ++i) expected.push_back(notes(t, i));
    for (int i = 0; i < groups.columns; ++i) expected.push_back(groups(t, i));
  }
  expect_close(engine.auxiliary_logits(encoded, 2), expected, "auxiliary");
  EXPECT_TRUE(Engine(formula_model(testing::tiny_perceiver(), 3), {})
                  .auxiliary_logits(std::vector<float>(10 * 6 * 12), 1)
                  .empty());
}

}  // namespace
}  // namespace yourmt3
