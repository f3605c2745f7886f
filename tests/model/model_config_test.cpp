#include "model/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/golden_model.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

struct KeyRow {
  std::string name, shape, dtype, kind, alias_of;
  bool operator==(const KeyRow&) const = default;
};

void PrintTo(const KeyRow& row, std::ostream* out) {
  *out << row.name << ' ' << row.shape << ' ' << row.dtype << ' ' << row.kind << ' ' << row.alias_of;
}

std::vector<KeyRow> key_table(const std::string& variant) {
  std::ifstream file(std::string(YOURMT3_TEST_KEYS_DIR) + "/" + variant + ".tsv");
  std::vector<KeyRow> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    KeyRow row;
    for (std::string* cell : {&row.name, &row.shape, &row.dtype, &row.kind, &row.alias_of}) {
      std::getline(cells, *cell, '\t');
    }
    rows.push_back(row);
  }
  return rows;
}

KeyRow as_row(const TensorSpec& spec) {
  std::string shape;
  for (const auto size : spec.shape) shape += (shape.empty() ? "" : "x") + std::to_string(size);
  const char* kind = spec.kind == TensorSpec::Kind::kParameter ? "param"
                     : spec.kind == TensorSpec::Kind::kFrozen  ? "frozen"
                                                               : "buffer";
  return {spec.name, shape.empty() ? "scalar" : shape, spec.dtype == DType::kI64 ? "int64" : "float32", kind,
          spec.alias_of};
}

std::string message_of(const std::function<void()>& action, ErrorCode code) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

std::string invalid(const std::function<void(ModelConfig&)>& change, const char* variant = "yptf-moe-multi-ps") {
  ModelConfig config = published_config(variant);
  change(config);
  return message_of([&] { validate(config); }, ErrorCode::kInvalidArgument);
}

class PublishedVariant : public ::testing::TestWithParam<std::string> {};

TEST_P(PublishedVariant, OwnsTheTensorsOfItsKeyTable) {
  const ModelConfig config = published_config(GetParam());
  EXPECT_NO_THROW(validate(config));
  std::vector<KeyRow> expected;
  for (const KeyRow& row : key_table(GetParam())) {
    // Pitch-shift kernels are in the files, but belong to the training data and not to the network.
    if (row.kind == "ignore") {
      EXPECT_TRUE(is_ignorable_tensor(row.name)) << row.name;
    } else {
      expected.push_back(row);
    }
  }
  ASSERT_FALSE(expected.empty());
  std::vector<KeyRow> found;
  for (const TensorSpec& spec : expected_tensors(config)) {
    found.push_back(as_row(spec));
    const bool computable = spec.kind == TensorSpec::Kind::kFrozen || spec.name.starts_with("spectrogram.") ||
                            spec.name.ends_with("num_batches_tracked");
    EXPECT_EQ(spec.required, !computable) << spec.name;
    EXPECT_EQ(is_ignorable_tensor(spec.name), computable && !spec.name.starts_with("encoder.rotary_emb_")) << spec.name;
  }
  EXPECT_EQ(found, expected);
}

TEST_P(PublishedVariant, HasThePublishedNumberOfParameters) {
  const std::map<std::string, std::int64_t> published = {{"ymt3plus", 45'730'816},
                                                         {"yptf-single-nops", 30'397'824},
                                                         {"yptf-multi-ps", 28'987'008},
                                                         {"yptf-moe-multi-nops", 47'078'022},
                                                         {"yptf-moe-multi-ps", 47'078'022}};
  std::int64_t n_parameters = 0;
  for (const TensorSpec& spec : expected_tensors(published_config(GetParam()))) {
    if (spec.kind == TensorSpec::Kind::kBuffer || !spec.alias_of.empty()) continue;
    std::int64_t numel = 1;
    for (const auto size : spec.shape) numel *= size;
    n_parameters += numel;
  }
  EXPECT_EQ(n_parameters, published.at(GetParam()));
}

TEST_P(PublishedVariant, SurvivesJson) {
  const ModelConfig config = published_config(GetParam());
  const std::string text = nlohmann::json(config).dump();
  EXPECT_EQ(nlohmann::json::parse(text).get<ModelConfig>(), config);
}

INSTANTIATE_TEST_SUITE_P(All, PublishedVariant, ::testing::ValuesIn(published_variants()), [](const auto& variant) {
  std::string name = variant.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(ModelConfig, SaysWhichVariantsThereAre) {
  const std::string message = message_of([] { published_config("ymt4"); }, ErrorCode::kNotFound);
  EXPECT_THAT(message, HasSubstr("'ymt4'"));
  EXPECT_THAT(message, HasSubstr("yptf-moe-multi-nops"));
}

TEST(ModelConfig, HasTheFramesAndBinsOfThePublishedFrontEnds) {
  const ModelConfig mel = published_config("ymt3plus"), linear = published_config("yptf-single-nops");
  EXPECT_EQ(mel.front_end.n_frames(), 256);
  EXPECT_EQ(mel.front_end.n_bins(), 512);
  EXPECT_EQ(linear.front_end.n_frames(), 110);
  EXPECT_EQ(linear.front_end.n_bins(), 1024);
  EXPECT_EQ(linear.n_pooled_bins(), 128);
}

TEST(ModelConfigJson, WritesFloatsShort) {
  ModelConfig config;
  config.encoder.dropout = 0.1f;
  EXPECT_EQ(nlohmann::json(config)["encoder"]["dropout"].dump(), "0.1");
}

TEST(ModelConfigJson, KeepsDefaultsForMissingFields) {
  const auto config = nlohmann::json::parse(R"({"decoder": {"d_model": 256}})").get<ModelConfig>();
  ModelConfig expected;
  expected.decoder.d_model = 256;
  EXPECT_EQ(config, expected);
}

TEST(ModelConfigJson, NamesWhatIsWrong) {
  const auto error = [](const char* text) {
    return message_of([&] { nlohmann::json::parse(text).get<ModelConfig>(); }, ErrorCode::kMalformed);
  };
  EXPECT_THAT(error(R"({"encoder": {"n_latent": 3}})"), HasSubstr("unknown field 'encoder.n_latent'"));
  EXPECT_THAT(error(R"({"decoder": {"d_model": "wide"}})"), HasSubstr("'decoder.d_model' is \"wide\""));
  EXPECT_THAT(error(R"({"decoder": {"d_model": 1.5}})"), HasSubstr("expected an integer"));
  EXPECT_THAT(error(R"({"decoder": {"d_model": 4294967296}})"), HasSubstr("32 bits"));
  EXPECT_THAT(error(R"({"decoder": {"d_model": -4294967296}})"), HasSubstr("32 bits"));
  EXPECT_THAT(error(R"({"decoder": {"dropout": 1e300}})"), HasSubstr("fits float32"));
  EXPECT_THAT(error(R"({"encoder": {"position": "rotary"}})"), HasSubstr("none, tkd, td, tk, kdt, rope"));
  EXPECT_THAT(error(R"({"encoder": {"rope_partial": 1}})"), HasSubstr("'encoder.rope_partial'"));
  EXPECT_THAT(error(R"({"pre_encoder": {"harmonics": [1, "two"]}})"), HasSubstr("'pre_encoder.harmonics[1]'"));
  EXPECT_THAT(error(R"({"encoder": []})"), HasSubstr("expected an object"));
  EXPECT_THAT(error(R"([])"), HasSubstr("'(top)' is []"));
}

TEST(ModelConfigValidate, NamesTheFieldAtFault) {
  EXPECT_THAT(invalid([](auto& c) { c.front_end.hop_length = 0; }), HasSubstr("front_end.hop_length"));
  EXPECT_THAT(invalid([](auto& c) { c.front_end.n_fft = 2047; }), HasSubstr("front_end.n_fft"));
  EXPECT_THAT(invalid([](auto& c) { c.front_end.segment_samples = 1024; }), HasSubstr("front_end.segment_samples"));
  EXPECT_THAT(invalid([](auto& c) { c.front_end.f_max = 9000.f; }, "ymt3plus"), HasSubstr("front_end.f_max"));
  EXPECT_THAT(invalid([](auto& c) { c.front_end.n_mels = 256; }, "ymt3plus"), HasSubstr("encoder.d_model"));
  EXPECT_THAT(invalid([](auto& c) { c.pre_encoder.type = PreEncoderConfig::Type::kNone; }),
              HasSubstr("pre_encoder.type"));
  EXPECT_THAT(invalid([](auto& c) { c.pre_encoder.kernel_f = 2; }), HasSubstr("pre_encoder.kernel_f"));
  EXPECT_THAT(invalid([](auto& c) { c.pre_encoder.n_blocks = 11; }), HasSubstr("pre_encoder.n_blocks"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.kv_dim = 64; }), HasSubstr("encoder.kv_dim"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.n_self_heads = 7; }), HasSubstr("encoder.qk_channels"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.n_cross_heads = 4; }), HasSubstr("encoder.n_cross_heads"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.top_k = 9; }), HasSubstr("encoder.top_k"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.n_latents = 25; }), HasSubstr("encoder.n_latents"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.n_positions = 109; }, "yptf-multi-ps"), HasSubstr("encoder.n_positions"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.d_model = -1; }), HasSubstr("encoder.d_model"));
  EXPECT_THAT(invalid([](auto& c) {
                c.decoder.n_channels = 1;
                c.pre_decoder.type = PreDecoderConfig::Type::kNone;
              }),
              HasSubstr("pre_decoder.type"));
  EXPECT_THAT(invalid([](auto& c) { c.pre_decoder.type = PreDecoderConfig::Type::kLinear; }),
              HasSubstr("decoder.n_channels"));
  EXPECT_THAT(invalid([](auto& c) { c.decoder.max_length = 1035; }), HasSubstr("decoder.n_positions"));
  EXPECT_THAT(invalid([](auto& c) { c.decoder.dropout = 1.f; }), HasSubstr("decoder.dropout"));
  EXPECT_THAT(invalid([](auto& c) { c.decoder.feed_forward = EncoderConfig::FeedForward::kMlp; }),
              HasSubstr("decoder.feed_forward"));
  EXPECT_THAT(invalid([](auto& c) { c.auxiliary.n_groups = 13; }), HasSubstr("auxiliary"));
  EXPECT_THAT(invalid([](auto& c) { c.inference.fusion_weight = 0.5f; }), HasSubstr("auxiliary.notes"));
}

TEST(ModelConfigValidate, NamesTheFieldAtFaultInTheHarmonicFrontEnd) {
  const auto harmonic = [](const std::function<void(ModelConfig&)>& change) {
    return invalid(
        [&](ModelConfig& c) {
          c.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
          c.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
          c.auxiliary.notes = true;
          EXPECT_NO_THROW(validate(c));
          change(c);
        },
        "ymt3plus");
  };
  EXPECT_THAT(harmonic([](auto& c) { c.front_end.bins_per_semitone = 1 << 24; }), HasSubstr("bins_per_semitone"));
  EXPECT_THAT(harmonic([](auto& c) { c.front_end.pitch_max = 21; }), HasSubstr("front_end.pitch_max"));
  EXPECT_THAT(harmonic([](auto& c) { c.front_end.codec = FrontEndConfig::Codec::kMel; }), HasSubstr("log_frequency"));
  EXPECT_THAT(harmonic([](auto& c) { c.pre_encoder.harmonics = {}; }), HasSubstr("pre_encoder.harmonics"));
  EXPECT_THAT(harmonic([](auto& c) { c.pre_encoder.harmonics[1] = -1; }), HasSubstr("holds -1"));
  EXPECT_THAT(harmonic([](auto& c) { c.pre_encoder.bin_radius = 65; }), HasSubstr("pre_encoder.bin_radius"));
  EXPECT_THAT(harmonic([](auto& c) { c.auxiliary.n_drums = 102; }), HasSubstr("auxiliary.n_drums"));
  EXPECT_THAT(harmonic([](auto& c) { c.auxiliary.context_layers = 1; }), HasSubstr("auxiliary.context_layers"));
  EXPECT_THAT(harmonic([](auto& c) { c.inference.fusion_clamp = -1; }), HasSubstr("inference.fusion_clamp"));
  EXPECT_THAT(harmonic([](auto& c) { c.auxiliary.timbre_width = 8; }), HasSubstr("auxiliary.timbre_width"));
  EXPECT_THAT(harmonic([](auto& c) { c.auxiliary.drum_layers = 1; }), HasSubstr("auxiliary.drum_layers"));
  EXPECT_THAT(harmonic([](auto& c) { c.inference.group_prior = 1; }), HasSubstr("inference.group_prior"));
  EXPECT_THAT(harmonic([](auto& c) { c.inference.overlap = true; }), HasSubstr("inference.overlap"));
}

TEST(ModelConfig, SegmentsAdvanceByTheirLengthOrByAnEvenNumberOfHops) {
  ModelConfig config;
  config.front_end.hop_length = 320;
  EXPECT_EQ(config.segment_advance(), 32767);
  config.inference.overlap = true;
  EXPECT_EQ(config.segment_advance(), 102 * 320);
  config.front_end.segment_samples = 104 * 320 - 1;
  EXPECT_EQ(config.segment_advance(), 102 * 320) << "even";
}

TEST(ModelConfigValidate, BoundsTheNumberOfTensors) {
  EXPECT_THAT(invalid([](auto& c) { c.encoder.n_blocks = 1 << 20; }), HasSubstr("100000 tensors"));
  EXPECT_THAT(invalid([](auto& c) { c.encoder.n_experts = 1 << 20; }), HasSubstr("100000 tensors"));
  EXPECT_THAT(invalid([](auto& c) { c.decoder.n_layers = 1 << 24; }), HasSubstr("100000 tensors"));
  EXPECT_THAT(invalid([](auto& c) { c.decoder.vocab_size = (1 << 24) + 1; }), HasSubstr("decoder.vocab_size"));
}

std::map<std::string, std::vector<std::int64_t>> shapes(const ModelConfig& config) {
  validate(config);
  std::map<std::string, std::vector<std::int64_t>> result;
  for (const TensorSpec& spec : expected_tensors(config)) {
    EXPECT_TRUE(result.emplace(spec.name, spec.shape).second) << spec.name << " occurs twice";
  }
  return result;
}

using Shape = std::vector<std::int64_t>;

TEST(ExpectedTensors, FollowTheTrainedPositionTables) {
  ModelConfig config = published_config("yptf-single-nops");
  const std::string table = "encoder.pos_emb._pos_emb";
  config.encoder.position = LatentPosition::kTrainableTd;
  EXPECT_EQ(shapes(config).at(table), (Shape{120, 128}));
  config.encoder.position = LatentPosition::kTrainableTk;
  EXPECT_EQ(shapes(config).at(table), (Shape{120, 24}));
  config.encoder.position = LatentPosition::kTrainableKdt;
  EXPECT_EQ(shapes(config).at(table), (Shape{24, 128}));
  EXPECT_EQ(shapes(config).at(table + "_temporal"), (Shape{120, 128}));
  config.encoder.position = LatentPosition::kNone;
  EXPECT_FALSE(shapes(config).contains(table));
  config.encoder.position = LatentPosition::kAlibiTrained;
  config.encoder.n_self_heads = 4;
  EXPECT_EQ(shapes(config).at("encoder.blocks.0.spectral_cross_attention.self.alibi_bias.slopes"), (Shape{8, 1, 1}));
  EXPECT_EQ(shapes(config).at("encoder.blocks.0.local_transformer.0.attention.self.alibi_bias.slopes"),
            (Shape{4, 1, 1}));
  const std::size_t with_slopes = shapes(config).size();
  config.encoder.position = LatentPosition::kAlibi;
  EXPECT_EQ(shapes(config).size(), with_slopes - 15);  // 3 blocks of 1 + 2 + 2 attention units.
}

TEST(ExpectedTensors, FollowNormAndFeedForward) {
  ModelConfig config = published_config("yptf-single-nops");
  const std::string layer = "encoder.blocks.2.temporal_transformer.1.";
  config.encoder.ff_widening = 3;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.encoder.norm = Norm::kRmsNorm;
  EXPECT_EQ(shapes(config).at(layer + "mlp.w1.weight"), (Shape{384, 128}));
  EXPECT_EQ(shapes(config).at(layer + "mlp.w2.weight"), (Shape{128, 384}));
  EXPECT_EQ(shapes(config).at(layer + "mlp.gate.weight"), (Shape{384, 128}));
  EXPECT_TRUE(shapes(config).contains(layer + "layernorm.weight"));
  EXPECT_FALSE(shapes(config).contains(layer + "layernorm.bias"));
  config.decoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  EXPECT_EQ(shapes(config).at("decoder.decoder.block.0.layer.2.experts.7.w1.weight"), (Shape{1024, 512}));
  EXPECT_FALSE(shapes(config).contains("decoder.decoder.block.0.layer.2.layer_norm.weight"));
}

TEST(ExpectedTensors, FollowT5Positions) {
  ModelConfig config = published_config("ymt3plus");
  config.decoder.relative_position_bias = true;
  EXPECT_EQ(shapes(config).at("decoder.decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
            (Shape{32, 6}));
  EXPECT_FALSE(shapes(config).contains("decoder.decoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight"));
  EXPECT_FALSE(shapes(config).contains("decoder.decoder.additive_pe.weight"));
  EXPECT_TRUE(shapes(config).contains("encoder.encoder.additive_pe.weight"));
}

TEST(ExpectedTensors, FollowThePreDecoder) {
  ModelConfig config = published_config("yptf-single-nops");
  config.encoder.n_latents = 32;
  config.pre_decoder.type = PreDecoderConfig::Type::kGroupLinear;
  EXPECT_EQ(shapes(config).at("pre_decoder.0.weight"), (Shape{32, 16, 128}));
  config.pre_decoder.type = PreDecoderConfig::Type::kMlp;
  EXPECT_EQ(shapes(config).at("pre_decoder.0.layers.1.weight"), (Shape{2048, 4096}));
  EXPECT_EQ(shapes(config).at("pre_decoder.0.layers.5.bias"), (Shape{2048}));
  EXPECT_EQ(shapes(config).at("pre_decoder.0.layers.7.weight"), (Shape{512, 2048}));

  ModelConfig multi = published_config("yptf-multi-ps");
  multi.encoder.n_latents = 52;  // 4 latents of 128 make the 512 of the decoder.
  EXPECT_FALSE(shapes(multi).contains("pre_decoder.0.linear.weight"));
}

TEST(ExpectedTensors, NameTheHarmonicFrontEndAndItsHeads) {
  ModelConfig config;
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
  config.encoder.type = EncoderConfig::Type::kT5;
  config.encoder.d_model = 192;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  config.decoder.d_model = 192;
  config.auxiliary.notes = true;
  config.auxiliary.n_groups = 13;
  const auto found = shapes(config);
  EXPECT_EQ(config.front_end.n_bins(), 294);
  EXPECT_EQ(found.at("pre_encoder.harmonic.hidden.weight"), (Shape{48, 120}));
  EXPECT_EQ(found.at("pre_encoder.harmonic.output.bias"), (Shape{16}));
  EXPECT_EQ(found.at("pre_encoder.projection.weight"), (Shape{192, 88 * 16}));
  EXPECT_EQ(found.at("pre_encoder.direct.weight"), (Shape{192, 294}));
  EXPECT_EQ(found.at("auxiliary.notes.weight"), (Shape{240, 192}));
  EXPECT_EQ(found.at("auxiliary.groups.weight"), (Shape{13, 192}));
  EXPECT_EQ(found.at("auxiliary.local.weight"), (Shape{2, 16}));
  EXPECT_FALSE(found.contains("auxiliary.group_notes.output.weight"));
  for (const TensorSpec& spec : expected_tensors(config)) {
    if (spec.kind == TensorSpec::Kind::kParameter) {
      EXPECT_EQ(spec.required, !spec.name.starts_with("auxiliary.local")) << spec.name;
    }
  }
  config.auxiliary.group_notes = 32;
  const auto with_group_notes = shapes(config);
  EXPECT_EQ(with_group_notes.at("auxiliary.group_notes.hints.weight"), (Shape{88 * 8, 192}));
  EXPECT_EQ(with_group_notes.at("auxiliary.group_notes.frame.weight"), (Shape{32, 192}));
  EXPECT_EQ(with_group_notes.at("auxiliary.group_notes.hidden.weight"), (Shape{32, 4 * 16 + 8}));
  EXPECT_EQ(with_group_notes.at("auxiliary.group_notes.output.weight"), (Shape{12, 32}));
  EXPECT_FALSE(with_group_notes.contains("auxiliary.group_notes.refine.weight"));
  config.auxiliary.refine_notes = true;
  EXPECT_EQ(shapes(config).at("auxiliary.group_notes.refine.weight"), (Shape{2, 32}));
  EXPECT_FALSE(shapes(config).contains("auxiliary.group_notes.context.0.reduce.weight"));
  config.auxiliary.context_layers = 2;
  const auto with_context = shapes(config);
  EXPECT_EQ(with_context.at("auxiliary.group_notes.context.0.reduce.weight"), (Shape{16, 32}));
  EXPECT_EQ(with_context.at("auxiliary.group_notes.context.1.mix.weight"), (Shape{32, 19 * 16}));
  EXPECT_EQ(with_context.at("auxiliary.group_notes.context.1.mix.bias"), (Shape{32}));
  EXPECT_FALSE(with_context.contains("auxiliary.group_notes.context.2.mix.weight"));
  EXPECT_FALSE(with_context.contains("auxiliary.drums.bands.weight"));
  config.auxiliary.timbre_width = 50;
  const auto with_timbre = shapes(config);
  EXPECT_EQ(with_timbre.at("auxiliary.timbre.spectrum.weight"), (Shape{50, 16 * 3 * 14}));
  EXPECT_EQ(with_timbre.at("auxiliary.timbre.states.weight"), (Shape{50, 32}));
  EXPECT_EQ(with_timbre.at("auxiliary.timbre.frame.weight"), (Shape{50, 192}));
  EXPECT_EQ(with_timbre.at("auxiliary.timbre.pitch.weight"), (Shape{88, 50}));
  EXPECT_EQ(with_timbre.at("auxiliary.timbre.hidden.weight"), (Shape{50, 50}));
  EXPECT_EQ(with_timbre.at("auxiliary.timbre.output.weight"), (Shape{12, 50}));
  config.auxiliary.drum_width = 40;
  config.auxiliary.drum_layers = 2;
  const auto with_drums = shapes(config);
  EXPECT_EQ(with_drums.at("auxiliary.drums.bands.weight"), (Shape{48, config.front_end.n_bins()}));
  EXPECT_EQ(with_drums.at("auxiliary.drums.frame.weight"), (Shape{40, 192}));
  EXPECT_EQ(with_drums.at("auxiliary.drums.hidden.weight"), (Shape{40, 9 * 48}));
  EXPECT_EQ(with_drums.at("auxiliary.drums.context.1.reduce.weight"), (Shape{32, 40}));
  EXPECT_EQ(with_drums.at("auxiliary.drums.context.1.mix.weight"), (Shape{40, 11 * 32}));
  EXPECT_EQ(with_drums.at("auxiliary.drums.output.weight"), (Shape{64, 40}));
}

}  // namespace
}  // namespace yourmt3
