#include "model/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/checkpoint_builder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Checkpoint read(const std::string& file) {
  return parse_checkpoint(std::as_bytes(std::span(file)), "x.ckpt");
}

std::string refused(const std::string& file, ErrorCode code = ErrorCode::kMalformed) {
  try {
    read(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("x.ckpt: "));
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

std::string with(const TensorRecipe& recipe) {
  return checkpoint_zip(checkpoint_pickle(p_tensor(recipe))).build();
}

std::vector<float> values_of(const TensorRecipe& recipe) {
  const std::string file = with(recipe);
  return read(file).weights.tensors.at("w").to_f32();
}

TEST(Checkpoint, GivesAViewOfTheStorage) {
  const std::string file = with({});
  const Checkpoint checkpoint = read(file);
  const TensorView& tensor = checkpoint.weights.tensors.at("w");
  EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_THAT(tensor.to_f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_GE(reinterpret_cast<const char*>(tensor.bytes.data()), file.data());
  EXPECT_LT(reinterpret_cast<const char*>(tensor.bytes.data()), file.data() + file.size());
  EXPECT_TRUE(checkpoint.hyper_parameters.is_null());
}

TEST(Checkpoint, FollowsOffsetsAndStrides) {
  EXPECT_THAT(values_of({.offset = 2, .shape = {4}, .strides = {1}}), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(values_of({.offset = 5, .shape = {}, .strides = {}}), ElementsAre(5));
  EXPECT_THAT(values_of({.shape = {3, 2}, .strides = {1, 3}}), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(values_of({.offset = 1, .shape = {3}, .strides = {2}}), ElementsAre(1, 3, 5));
  EXPECT_THAT(values_of({.shape = {2, 1, 3}, .strides = {3, 99, 1}}), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(values_of({.offset = 4, .shape = {3, 2}, .strides = {0, 1}}), ElementsAre(4, 5, 4, 5, 4, 5));
  EXPECT_TRUE(values_of({.shape = {0, 3}, .strides = {3, 1}}).empty());
}

TEST(Checkpoint, SharesAStorageBetweenTensors) {
  const std::string file =
      checkpoint_zip(
          checkpoint_pickle(p_tensor({}), p_text("v") + p_tensor({.offset = 3, .shape = {3}, .strides = {1}})))
          .build();
  const Checkpoint checkpoint = read(file);
  EXPECT_THAT(checkpoint.weights.tensors.at("v").to_f32(), ElementsAre(3, 4, 5));
}

TEST(Checkpoint, UnwrapsParametersAndTakesABareStateDict) {
  const std::string parameter = p_global("torch._utils", "_rebuild_parameter") + "(" + p_tensor({}) +
                                "\x88Nt"
                                "R";
  const std::string file = checkpoint_zip(checkpoint_pickle(parameter)).build();
  EXPECT_EQ(read(file).weights.tensors.at("w").numel(), 6);
  const std::string bare = checkpoint_zip(p_program("}" + p_text("w") + p_tensor({}) + "s")).build();
  EXPECT_EQ(read(bare).weights.tensors.at("w").numel(), 6);
}

TEST(Checkpoint, ReadsEveryElementType) {
  const std::vector<std::pair<std::string, DType>> types = {
      {"HalfStorage", DType::kF16}, {"BFloat16Storage", DType::kBF16}, {"DoubleStorage", DType::kF64},
      {"LongStorage", DType::kI64}, {"IntStorage", DType::kI32},       {"ShortStorage", DType::kI16},
      {"CharStorage", DType::kI8},  {"ByteStorage", DType::kU8},       {"BoolStorage", DType::kBool}};
  for (const auto& [name, dtype] : types) {
    const std::string file = with({.storage_type = name, .numel = 3, .shape = {3}, .strides = {1}});
    EXPECT_EQ(read(file).weights.tensors.at("w").dtype, dtype);
    EXPECT_EQ(read(file).weights.tensors.at("w").bytes.size(), 3 * size_of(dtype));
  }
  EXPECT_THAT(refused(with({.storage_type = "ComplexFloatStorage"}), ErrorCode::kUnsupported),
              HasSubstr("'w' has the storage type 'torch.ComplexFloatStorage'"));
}

TEST(Checkpoint, NamesTheTensorThatReachesTooFar) {
  EXPECT_THAT(refused(with({.numel = 7})), HasSubstr("'w' has a storage of 7 F32, but entry 'archive/data/0' has 24"));
  EXPECT_THAT(refused(with({.numel = std::int64_t{1} << 62})), HasSubstr("'w'"));
  EXPECT_THAT(refused(with({.offset = 1})), HasSubstr("'w' with shape [2, 3]"));
  EXPECT_THAT(refused(with({.offset = 6, .shape = {}, .strides = {}})), HasSubstr("'w' begins at element 6"));
  EXPECT_THAT(refused(with({.numel = 5})), HasSubstr("reaches beyond its storage of 5 elements"));
  EXPECT_THAT(refused(with({.numel = 0})), HasSubstr("begins at element 0 of a storage of 0"));
  EXPECT_THAT(refused(with({.shape = {3, 3}})), HasSubstr("reaches beyond"));
  EXPECT_THAT(refused(with({.key = "1"})), HasSubstr("'archive/data/1', which is missing"));
  EXPECT_THAT(refused(with({.key = "../version"})), HasSubstr("which is missing"));
}

TEST(Checkpoint, IsNotFooledByNegativeOrOverflowingNumbers) {
  const std::int64_t huge = std::int64_t{1} << 62;
  EXPECT_THAT(refused(with({.numel = -1})), HasSubstr("'w' has a storage size that is not a size"));
  EXPECT_THAT(refused(with({.offset = -1})), HasSubstr("storage offset"));
  EXPECT_THAT(refused(with({.shape = {-2, 3}})), HasSubstr("shape"));
  EXPECT_THAT(refused(with({.strides = {-3, 1}})), HasSubstr("strides"));
  EXPECT_THAT(refused(with({.strides = {huge, 1}})), HasSubstr("reaches beyond"));
  EXPECT_THAT(refused(with({.shape = {5, 3}, .strides = {huge, 1}})), HasSubstr("reaches beyond"));
  EXPECT_THAT(refused(with({.offset = huge})), HasSubstr("begins at element"));
  EXPECT_THAT(refused(with({.shape = {huge}, .strides = {1}})), HasSubstr("reaches beyond"));
  EXPECT_THAT(refused(with({.shape = {huge, huge}, .strides = {0, 0}})), HasSubstr("too large"));
  EXPECT_THAT(refused(with({.shape = {1 << 20, 1 << 20}, .strides = {0, 0}})), HasSubstr("larger than the file"));
  EXPECT_THAT(refused(with({.shape = {6}, .strides = {1, 1}})), HasSubstr("1 sizes, but 2 strides"));
}

TEST(Checkpoint, RefusesWhatIsNotATensor) {
  const auto in_state_dict = [](const std::string& value) { return checkpoint_zip(checkpoint_pickle(value)).build(); };
  EXPECT_THAT(refused(in_state_dict("K\1")), HasSubstr("'w' is not a tensor"));
  EXPECT_THAT(refused(in_state_dict(p_global("os", "system") + p_text("true") + "\x85R")),
              HasSubstr("'w' is not a tensor"));
  EXPECT_THAT(refused(in_state_dict(p_global("torch._utils", "_rebuild_tensor_v2") + ")R")),
              HasSubstr("'w' is described by 0 values"));
  EXPECT_THAT(refused(in_state_dict(p_global("torch._utils", "_rebuild_tensor_v2") + "(NNNNtR")),
              HasSubstr("'w' has no storage"));
  EXPECT_THAT(refused(in_state_dict(p_global("torch._utils", "_rebuild_tensor_v2") + "(NQNNNtR")),
              HasSubstr("'w' has a storage that"));
  EXPECT_THAT(refused(checkpoint_zip(checkpoint_pickle(p_tensor({}), p_text("w") + p_tensor({}))).build()),
              HasSubstr("'w' occurs twice"));
  EXPECT_THAT(refused(checkpoint_zip(p_program("N")).build()), HasSubstr("no state_dict"));
  EXPECT_THAT(refused(checkpoint_zip(p_program("}K\1Ns")).build()), HasSubstr("not text"));
}

TEST(Checkpoint, RefusesForeignArchives) {
  ZipBuilder office;
  office.add("word/document.xml", "<xml/>");
  EXPECT_THAT(refused(office.build(), ErrorCode::kUnsupported), HasSubstr("without data.pkl"));
  ZipBuilder big = checkpoint_zip(checkpoint_pickle(p_tensor({})));
  big.add("archive/byteorder", "big");
  EXPECT_THAT(refused(big.build(), ErrorCode::kUnsupported), HasSubstr("little-endian"));
  ZipBuilder two = checkpoint_zip(checkpoint_pickle(p_tensor({})));
  two.add("other/data.pkl", "");
  EXPECT_THAT(refused(two.build()), HasSubstr("two entries data.pkl"));
}

TEST(Checkpoint, NoticesDamageInPickleAndStorages) {
  const std::string file = with({});
  for (const std::string& where : {p_text("epoch"), six_floats()}) {
    std::string damaged = file;
    char& byte = damaged[damaged.find(where) + where.size() - 1];
    byte = static_cast<char>(byte ^ 1);
    EXPECT_THAT(refused(damaged), HasSubstr("checksum"));
  }
}

TEST(Checkpoint, RefusesEveryPrefix) {
  const std::string file = with({});
  for (std::size_t length = 0; length < file.size(); ++length) refused(file.substr(0, length));
}

// Recognition

/// Tensors of a configuration with shapes only, as recognition needs them.
Weights shapes_of(const ModelConfig& config) {
  Weights weights;
  for (const TensorSpec& spec : expected_tensors(config)) weights.tensors[spec.name] = {spec.dtype, spec.shape, {}};
  return weights;
}

nlohmann::json official_hyper_parameters(const ModelConfig& config) {
  // Only what the defaults of the reference's own configuration and the published flags put there.
  const bool t5 = config.encoder.type == EncoderConfig::Type::kT5,
             moe = config.encoder.position == LatentPosition::kRope;
  const bool multi = config.decoder.n_channels > 1;
  nlohmann::json perceiver = {{"num_latents", multi ? 26 : 24},
                              {"d_latent", 128},
                              {"d_model", "q"},
                              {"num_blocks", 3},
                              {"sca_use_query_residual", moe},
                              {"dropout_rate", 0.1},
                              {"moe_num_experts", moe ? 8 : 4},
                              {"position_encoding_type", moe ? "rope" : "trainable"},
                              {"moe_topk", 2},
                              {"ff_layer_type", moe ? "moe" : "mlp"},
                              {"ff_widening_factor", moe ? 4 : 1},
                              {"hidden_act", moe ? "silu" : "gelu"},
                              {"layer_norm_type", moe ? "rms_norm" : "layer_norm"},
                              {"rotary_type_sca", "lang"}};
  nlohmann::json model = {
      {"encoder_type", t5 ? "t5" : "perceiver-tf"},
      {"decoder_type", multi ? "multi-t5" : "t5"},
      {"pre_encoder_type", "default"},
      {"pre_decoder_type", "default"},
      {"pre_encoder_type_default", {{"t5", nullptr}, {"perceiver-tf", "conv"}}},
      {"pre_decoder_type_default",
       {{"t5", {{"t5", nullptr}}}, {"perceiver-tf", {{"t5", "linear"}, {"multi-t5", "mc_shared_linear"}}}}},
      {"encoder", {{"t5", {{"d_model", 512}}}, {"perceiver-tf", perceiver}}},
      {"decoder", {{"t5", {{"d_model", 512}}}, {"multi-t5", {{"num_channels", 13}}}}},
      {"tie_word_embeddings", true},
      {"event_length", 1024}};
  nlohmann::json audio = {{"codec", t5 ? "melspec" : "spec"}, {"hop_length", t5 ? 128 : 300}};
  return {{"audio_cfg", audio},
          {"model_cfg", model},
          {"task_manager", {{"class", "utils.task_manager.TaskManager"}, {"state", {{"task_name", config.task}}}}}};
}

TEST(Recognition, KnowsThePublishedModelsByTheirShapesAlone) {
  for (const std::string& variant : published_variants()) {
    Weights weights = shapes_of(published_config(variant));
    if (variant.ends_with("-ps"))
      weights.tensors["pitchshift.pshifters.-2.kernel"] = {DType::kF32, {4000, 1, 3577}, {}};
    EXPECT_EQ(recognise_published(weights), variant);
    EXPECT_EQ(config_of_checkpoint({weights, nullptr}, "x"), published_config(variant));
    weights.tensors["lm_head.lm_head.weight"].shape[0] = 597;
    EXPECT_EQ(recognise_published(weights), "");
    EXPECT_THROW(config_of_checkpoint({weights, nullptr}, "x"), Error);
  }
}

TEST(Recognition, CorrectsSparseHyperParametersByShapes) {
  for (const std::string& variant : published_variants()) {
    const ModelConfig published = published_config(variant);
    Weights weights = shapes_of(published);
    if (variant.ends_with("-ps"))
      weights.tensors["pitchshift.pshifters.-2.kernel"] = {DType::kF32, {4000, 1, 3577}, {}};
    const ModelConfig config = config_of_checkpoint({weights, official_hyper_parameters(published)}, "x");
    EXPECT_EQ(config.variant, variant);
    EXPECT_EQ(config.encoder.norm, published.encoder.norm);
    EXPECT_EQ(config.encoder.rope_sca, published.encoder.rope_sca);
    EXPECT_TRUE(config.encoder.type == EncoderConfig::Type::kT5 ||
                config.encoder.rope_partial == (config.encoder.position == LatentPosition::kRope));
    EXPECT_EQ(config.task, published.task);
    EXPECT_EQ(config.decoder, published.decoder);
  }
}

TEST(Recognition, TakesSizesFromTheTensors) {
  ModelConfig other = published_config("yptf-moe-multi-nops");
  other.encoder.n_latents = 39;
  other.encoder.n_experts = 5;
  other.encoder.ff_widening = 2;
  other.encoder.n_blocks = 2;
  other.encoder.n_temporal_layers = 3;
  other.decoder.n_layers = 4;
  other.decoder.d_ff = 640;
  other.decoder.n_positions = 300;
  other.decoder.vocab_size = 700;
  const ModelConfig config =
      config_of_checkpoint({shapes_of(other), official_hyper_parameters(published_config("yptf-moe-multi-nops"))}, "x");
  other.variant = "custom";
  other.encoder.n_positions = config.encoder.n_positions;  // No tensor has that many rows here.
  EXPECT_EQ(config, other);
}

TEST(Recognition, SaysWhichOptionIsNotSupported) {
  nlohmann::json hyper = official_hyper_parameters(published_config("ymt3plus"));
  hyper["model_cfg"]["encoder_type"] = "conformer";
  hyper["model_cfg"]["encoder"]["conformer"] = nlohmann::json::object();
  const Weights weights = shapes_of(published_config("ymt3plus"));
  try {
    config_of_checkpoint({weights, hyper}, "x.ckpt");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("x.ckpt: "));
    EXPECT_THAT(error.what(), HasSubstr("'conformer' is not supported"));
  }
}

TEST(Recognition, BearsHyperParametersOfAnyShape) {
  const Weights weights = shapes_of(published_config("ymt3plus"));
  for (const char* text :
       {R"({"audio_cfg": 1, "model_cfg": 2})", R"({"audio_cfg": {}, "model_cfg": {"encoder_type": 3}})",
        R"({"audio_cfg": {}, "model_cfg": {"encoder_type": "t5", "encoder": []}})",
        R"({"audio_cfg": {"n_fft": -5}, "model_cfg": {}})",
        R"({"audio_cfg": {"n_fft": 99999999999}, "model_cfg": {}, "task_manager": {"state": {"task_name": 3}}})"}) {
    EXPECT_THROW(config_of_checkpoint({weights, nlohmann::json::parse(text)}, "x"), Error) << text;
  }
}

}  // namespace
}  // namespace yourmt3
