#include "model/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "model/describe.h"
#include "model/safetensors.h"
#include "support/formula_weights.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A small network of our own kind.
ModelConfig small_config() {
  ModelConfig config;
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
  config.encoder.type = EncoderConfig::Type::kT5;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  config.encoder.d_model = config.decoder.d_model = 8;
  config.encoder.n_layers = config.decoder.n_layers = 1;
  config.encoder.n_heads = config.decoder.n_heads = 2;
  config.encoder.d_kv = config.decoder.d_kv = 4;
  config.encoder.d_ff = config.decoder.d_ff = 8;
  config.decoder.vocab_size = 20;
  config.auxiliary.notes = true;
  config.inference.grammar = true;
  return config;
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

class ModelFile : public ::testing::Test {
 protected:
  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "m.safetensors";
  Model model_ = testing::formula_model(small_config(), 7);

  void save(const SaveOptions& options = {}) { save_model(path_, model_.config, model_.weights.tensors, options); }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::string refused(const std::string& name, ErrorCode code = ErrorCode::kMalformed) {
    const std::string message = message_of([&] { load_model(folder_ / name); }, code);
    EXPECT_THAT(message, HasSubstr(name));
    return message;
  }
};

TEST_F(ModelFile, IsEnoughToRunTheNetwork) {
  save({.dtype = DType::kF32, .metadata = {{"licence", "CC-BY-4.0"}}, .existing = AtomicFile::Existing::kReplace});
  const Model read = load_model(path_);
  EXPECT_EQ(read.config, model_.config);
  EXPECT_EQ(read.weights.metadata.at("licence"), "CC-BY-4.0");
  ASSERT_EQ(read.weights.tensors.size(), model_.weights.tensors.size());
  for (const auto& [name, tensor] : model_.weights.tensors) {
    EXPECT_EQ(read.weights.f32(name, tensor.shape), tensor.to_f32()) << name;
  }
}

TEST_F(ModelFile, RoundsWeightsButNotTables) {
  const std::string table = "decoder.decoder.additive_pe.weight";
  const auto rows = static_cast<std::int64_t>(model_.config.decoder.n_positions);
  const std::vector<float> values(static_cast<std::size_t>(rows) * 8, 0.1f);
  model_.weights.tensors[table] = {DType::kF32, {rows, 8}, std::as_bytes(std::span(values))};
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    save({.dtype = dtype, .metadata = {}, .existing = AtomicFile::Existing::kReplace});
    const Model read = load_model(path_);
    EXPECT_EQ(read.weights.tensors.at("embed_tokens.weight").dtype, dtype);
    EXPECT_EQ(read.weights.tensors.at(table).dtype, DType::kF32);
    const auto rounded = read.weights.tensors.at("embed_tokens.weight").to_f32();
    const auto original = model_.weights.tensors.at("embed_tokens.weight").to_f32();
    for (std::size_t i = 0; i < original.size(); ++i) {
      // Half a unit of the 11 or 8 bits of the two types.
      EXPECT_NEAR(rounded[i], original[i], std::abs(original[i]) * (dtype == DType::kF16 ? 0x1p-11 : 0x1p-8));
    }
  }
}

TEST_F(ModelFile, DoesNotTurnLargeWeightsIntoInfinity) {
  std::vector<float> values(20 * 8, 1.f);
  values[5] = 70000.f;
  model_.weights.tensors["embed_tokens.weight"].bytes = std::as_bytes(std::span(values));
  const auto half = [&] { save({.dtype = DType::kF16, .metadata = {}, .existing = AtomicFile::Existing::kReplace}); };
  EXPECT_THAT(message_of(half, ErrorCode::kInvalidArgument), HasSubstr("'embed_tokens.weight' holds 70000"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ModelFile, IsNotWrittenWithMissingOrForeignTensors) {
  const auto removed = model_.weights.tensors.extract("embed_tokens.weight");
  EXPECT_THAT(message_of([&] { save(); }, ErrorCode::kInvalidArgument), HasSubstr("lacks 'embed_tokens.weight'"));
  model_.weights.tensors[removed.key()] = removed.mapped();
  model_.weights.tensors["encoder.extra"] = removed.mapped();
  EXPECT_THAT(message_of([&] { save(); }, ErrorCode::kInvalidArgument), HasSubstr("does not need 'encoder.extra'"));
  model_.weights.tensors.erase("encoder.extra");
  model_.weights.tensors["embed_tokens.weight"].shape = {8, 20};
  EXPECT_THAT(message_of([&] { save(); }, ErrorCode::kMalformed), HasSubstr("is F32 [8, 20], expected F32 [20, 8]"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(ModelFile, IsReplacedOnlyWhenAsked) {
  save();
  const auto again = [&] { save({.dtype = DType::kF32, .metadata = {}, .existing = AtomicFile::Existing::kRefuse}); };
  EXPECT_THAT(message_of(again, ErrorCode::kInvalidArgument), HasSubstr("exists already"));
}

TEST_F(ModelFile, NamesMissingTensorsAndLeavesOutUnexpectedOnes) {
  auto tensors = model_.weights.tensors;
  const std::map<std::string, std::string> metadata = {{kConfigKey, nlohmann::json(model_.config).dump()}};
  tensors["encoder.surprise"] = tensors.at("embed_tokens.weight");
  tensors["pitchshift.window"] = tensors.at("embed_tokens.weight");
  write_safetensors(path_, tensors, metadata);
  std::string remark;
  const Model read = load_model(path_, [&](LogLevel, std::string_view text) { remark = text; });
  EXPECT_THAT(remark, HasSubstr("1 tensors are not part of the network and left out: 'encoder.surprise'"));
  EXPECT_EQ(read.weights.tensors.size(), model_.weights.tensors.size());

  tensors.erase("auxiliary.notes.bias");
  write_safetensors(path_, tensors, metadata);
  EXPECT_THAT(refused("m.safetensors"),
              HasSubstr("lacks 1 of the tensors that the network needs: 'auxiliary.notes.bias'"));
  tensors["auxiliary.notes.bias"] = tensors.at("embed_tokens.weight");
  write_safetensors(path_, tensors, metadata);
  EXPECT_THAT(refused("m.safetensors"), HasSubstr("'auxiliary.notes.bias' is F32 [20, 8], expected F32 [240]"));
}

TEST_F(ModelFile, OfAnotherVersionIsRefused) {
  write_safetensors(path_, model_.weights.tensors, {{kConfigKey, "{}"}, {kFormatKey, "2"}});
  EXPECT_THAT(refused("m.safetensors", ErrorCode::kUnsupported), HasSubstr("written in format 2"));
  write_safetensors(path_, model_.weights.tensors, {{kConfigKey, R"({"encoder": {"flux": 1}})"}});
  EXPECT_THAT(refused("m.safetensors"), HasSubstr("unknown field 'encoder.flux'"));
  write_safetensors(path_, model_.weights.tensors, {{kConfigKey, "{"}});
  EXPECT_THAT(refused("m.safetensors"), HasSubstr("not valid JSON"));
  write_safetensors(path_, model_.weights.tensors, {{kConfigKey, std::string(2'000'000, '[')}});
  EXPECT_THAT(refused("m.safetensors"), HasSubstr("2000000 bytes"));
  write_safetensors(path_, model_.weights.tensors, {{kConfigKey, R"({"decoder": {"n_layers": 0}})"}});
  EXPECT_THAT(refused("m.safetensors"), HasSubstr("decoder.n_layers"));
  write_safetensors(path_, model_.weights.tensors, {});
  EXPECT_THAT(refused("m.safetensors"), HasSubstr("fit none of the published models"));
}

TEST_F(ModelFile, OfAPublishedNetworkNeedsNoConfiguration) {
  const Model published = testing::formula_model(published_config("yptf-multi-ps"), 0);
  write_safetensors(path_, published.weights.tensors, {});
  EXPECT_EQ(load_model(path_).config, published.config);
}

TEST_F(ModelFile, IsToldApartFromOtherFiles) {
  EXPECT_THAT(message_of([&] { load_model(folder_ / "no.safetensors"); }, ErrorCode::kNotFound),
              HasSubstr("no.safetensors"));
  write("empty.ckpt", "");
  EXPECT_THAT(refused("empty.ckpt"), HasSubstr("is empty"));
  write("text.ckpt", "This is not a model, but it goes on for a while.");
  EXPECT_THAT(refused("text.ckpt"), HasSubstr("not a model file"));
  write("old.ckpt", "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.");
  EXPECT_THAT(refused("old.ckpt", ErrorCode::kUnsupported), HasSubstr("pickle"));
  write("cut.ckpt", "PK\3\4 and then nothing");
  EXPECT_THAT(refused("cut.ckpt"), HasSubstr("cut"));
  EXPECT_THAT(message_of([&] { load_model(folder_.path()); }, ErrorCode::kIo), HasSubstr("directory"));
}

TEST_F(ModelFile, ConvertsBetweenElementTypesAndKeepsMetadata) {
  save({.dtype = DType::kF32, .metadata = {{"licence", "CC0"}}, .existing = AtomicFile::Existing::kReplace});
  convert_model(path_, folder_ / "half.safetensors", {.dtype = DType::kF16, .existing = AtomicFile::Existing::kRefuse});
  convert_model(folder_ / "half.safetensors", folder_ / "again.safetensors");
  const Model again = load_model(folder_ / "again.safetensors");
  EXPECT_EQ(again.weights.tensors.at("embed_tokens.weight").dtype, DType::kF16);
  EXPECT_EQ(again.weights.metadata.at("licence"), "CC0");
  EXPECT_EQ(again.weights.metadata.at("source"), "m.safetensors");
  EXPECT_THROW(convert_model(path_, folder_ / "x", {.dtype = DType::kI8, .existing = AtomicFile::Existing::kReplace}),
               Error);
}

TEST_F(ModelFile, ConvertsWithOtherInferenceSettings) {
  save({.dtype = DType::kF32, .metadata = {{"licence", "CC0"}}, .existing = AtomicFile::Existing::kReplace});
  ConvertOptions options;
  options.inference = {{"grammar", "true"}};
  options.metadata = {{"provenance", "a test"}};
  convert_model(path_, folder_ / "other.safetensors", options);
  const Model other = load_model(folder_ / "other.safetensors");
  EXPECT_TRUE(other.config.inference.grammar);
  EXPECT_EQ(other.weights.metadata.at("provenance"), "a test");
  EXPECT_EQ(other.weights.metadata.at("licence"), "CC0");

  for (const auto& [field, value] : {std::pair("grammer", "true"), std::pair("grammar", "perhaps"),
                                     std::pair("certain_onset", "0.5")}) {  // The last one needs auxiliary heads.
    options.inference = {{field, value}};
    EXPECT_THAT(
        message_of([&] { convert_model(path_, folder_ / "x.safetensors", options); }, ErrorCode::kInvalidArgument),
        HasSubstr(field));
  }
}

TEST_F(ModelFile, IsDescribed) {
  save({.dtype = DType::kF16, .metadata = {{"licence", "CC0"}}, .existing = AtomicFile::Existing::kReplace});
  const ModelDescription description = describe(load_model(path_));
  std::int64_t n_parameters = 0;
  for (const auto& [name, tensor] : model_.weights.tensors) n_parameters += tensor.numel();
  EXPECT_EQ(description.n_parameters, n_parameters);
  EXPECT_EQ(description.n_trainable, n_parameters);
  EXPECT_EQ(description.bytes, n_parameters * 2);
  EXPECT_EQ(description.metadata, (std::map<std::string, std::string>{{"licence", "CC0"}}));
  EXPECT_THAT(to_text(description), HasSubstr("log-frequency spectrogram, 294 bins, 103 frames"));
  EXPECT_THAT(to_text(description), HasSubstr("licence     CC0\n"));
  const nlohmann::json json = description;
  EXPECT_EQ(json.at("tensors_by_type").at("F16"), model_.weights.tensors.size());
  EXPECT_EQ(json.at("task"), "mt3_full_plus");
}

TEST(OldModelFile, OfFormat1IsStillRead) {
  const Model expected = testing::formula_model(small_config(), 7);
  const Model read = load_model(YOURMT3_TEST_FIXTURES_DIR "/format1.safetensors");
  EXPECT_EQ(read.config, expected.config);
  EXPECT_EQ(read.weights.metadata.at("licence"), "CC0-1.0");
  ASSERT_EQ(read.weights.tensors.size(), expected.weights.tensors.size());
  for (const auto& [name, tensor] : expected.weights.tensors) {
    const auto values = tensor.to_f32();
    const auto stored = read.weights.f32(name, tensor.shape);
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(stored[i], detail::f16_to_f32(detail::f32_to_f16(values[i]))) << name;
    }
  }
}

TEST(DescribePublished, CountsParametersAsTheSpecificationDoes) {
  const ModelDescription description = describe(testing::formula_model(published_config("ymt3plus"), 0));
  EXPECT_EQ(description.n_trainable, 44'672'000);
  EXPECT_THAT(to_text(description), HasSubstr("T5, 8 layers of width 512"));
}

}  // namespace
}  // namespace yourmt3
