// The published sizes with weights by formula, against recorded statistics and samples of every stage.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/engine.h"
#include "model/safetensors.h"
#include "support/formula_weights.h"
#include "support/golden_model.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

class FullSize : public ::testing::TestWithParam<std::string> {};

/// Four times what the reference's float32 is off float64, and an ulp of the largest value.
double bound(const json& stage, const char* input) {
  const double largest = std::max(std::abs(stage.at("min").get<double>()), std::abs(stage.at("max").get<double>()));
  return 4 * stage.at("f32_vs_f64").at(input).at("max_abs").get<double>() + 1.2e-7 * largest;
}

TEST_P(FullSize, EveryStageHasTheRecordedStatisticsAndTheTokensAreEqual) {
  const json recorded = testing::golden_json("model/full-size-stats/" + GetParam() + ".json");
  const json& stages = recorded.at("stages");
  const auto salt = recorded.at("salt").get<std::uint64_t>();
  const ModelConfig config = published_config(GetParam());
  const Engine engine(testing::formula_model(config, salt), {});

  const Weights front_end = testing::golden_tensors("model/frontend-full/golden.safetensors");
  const std::vector<float> all_audio = front_end.tensors.at("audio").to_f32();
  const std::span<const float> audio(all_audio.data(), static_cast<std::size_t>(config.front_end.segment_samples));
  const bool mel = config.front_end.codec == FrontEndConfig::Codec::kMel;
  std::vector<float> spectrogram = front_end.tensors.at(mel ? "melspec" : "spec").to_f32();
  spectrogram.resize(stages.at("spectrogram").at("numel").get<std::size_t>());

  testing::expect_recorded_values(stages.at("spectrogram"), engine.spectrogram(audio, 1),
                                  bound(stages.at("spectrogram"), "end_to_end"), "spectrogram");
  const char* given = "given_float32_spectrogram";
  const auto pre_encoded = engine.pre_encode(spectrogram, 1);
  testing::expect_recorded_values(stages.at("pre_encoder"), pre_encoded, bound(stages.at("pre_encoder"), given),
                                  "pre_encoder");
  const auto encoded = engine.encode_features(pre_encoded, 1);
  testing::expect_recorded_values(stages.at("encoder"), encoded, bound(stages.at("encoder"), given), "encoder");
  const auto memory = engine.pre_decode(encoded, 1);
  testing::expect_recorded_values(stages.at("pre_decoder"), memory, bound(stages.at("pre_decoder"), given),
                                  "pre_decoder");

  // The decoder multiplies by the pre-decoder's matrix itself, but for one of which the encoder's output is wider.
  const bool folded = config.pre_decoder.type == PreDecoderConfig::Type::kMultiChannelLinear;
  const auto& decoder_memory = folded ? encoded : memory;

  const int channels = config.decoder.n_channels;
  const int n = stages.at("tf_logits").at("shape").at(stages.at("tf_logits").at("shape").size() - 2).get<int>();
  const auto labels = testing::formula_labels(channels, n, salt);
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ids.push_back(i % static_cast<std::size_t>(n) == 0 ? 0 : labels[i - 1]);
  }
  std::vector<float> hidden;
  const auto logits = engine.decoder_logits(ids, decoder_memory, channels, &hidden);
  testing::expect_recorded_values(stages.at("tf_logits"), logits, bound(stages.at("tf_logits"), given), "tf_logits");
  // Hidden states have no bound of their own; the head multiplies them by a matrix of order 1.
  testing::expect_recorded_values(stages.at("tf_decoder_hidden"), hidden, bound(stages.at("tf_logits"), given),
                                  "tf_decoder_hidden");

  const auto tokens = engine.decode({1, decoder_memory, {}}, nullptr, 16);
  const auto expected = stages.at("greedy_tokens_16").get<json>();
  const json& rows = expected.is_object() ? expected.at("values") : expected;
  for (int c = 0; c < channels; ++c) {
    auto found = tokens[static_cast<std::size_t>(c)];
    found.resize(16, 0);
    EXPECT_EQ(json(found), rows.at(0).at(static_cast<std::size_t>(c))) << "channel " << c;
  }
}

std::string test_name(std::string variant) {
  std::ranges::replace(variant, '-', '_');
  return variant;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FullSize);
INSTANTIATE_TEST_SUITE_P(Published, FullSize, ::testing::ValuesIn(testing::recorded_full_size_variants()),
                         [](const auto& variant) { return test_name(variant.param); });

}  // namespace
}  // namespace yourmt3
