#include "support/golden_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/checkpoint.h"
#include "model/model_file.h"
#include "support/temporary_folder.h"

namespace yourmt3 {
namespace {

using ::testing::IsEmpty;

std::string test_name(std::string folder) {
  for (char& c : folder) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return folder;
}

class GoldenModel : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenModel, HasTheTensorsOfItsConfigurationAndNoOthers) {
  const Model model = testing::golden_model(GetParam());
  const TensorReport report = check_tensors(model.config, model.weights, GetParam());
  EXPECT_THAT(report.missing, IsEmpty());
  EXPECT_THAT(report.unexpected, IsEmpty());
  for (const TensorSpec& spec : expected_tensors(model.config)) {
    EXPECT_TRUE(model.weights.tensors.contains(spec.name)) << spec.name;
  }
}

TEST_P(GoldenModel, HasTheRecordedSpectrogramShape) {
  const ModelConfig config = testing::golden_config(GetParam());
  const auto shape = testing::golden_json(GetParam() + "/config.json").at("spectrogram_shape_TF");
  EXPECT_EQ(config.front_end.n_frames(), shape.at(0).get<int>());
  EXPECT_EQ(config.front_end.n_bins(), shape.at(1).get<int>());
}

class GoldenCheckpoint : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenCheckpoint, HoldsTheSameBitsAsItsSafetensors) {
  const Weights expected = testing::golden_tensors(GetParam() + "/weights.safetensors");
  const Checkpoint checkpoint = load_checkpoint(testing::golden_dir() / GetParam() / "model.ckpt");
  for (const auto& [name, tensor] : expected.tensors) {
    const auto found = checkpoint.weights.tensors.find(name);
    ASSERT_NE(found, checkpoint.weights.tensors.end()) << name;
    EXPECT_EQ(found->second.dtype, tensor.dtype) << name;
    EXPECT_EQ(found->second.shape, tensor.shape) << name;
    EXPECT_TRUE(std::ranges::equal(found->second.bytes, tensor.bytes)) << name;
  }
  for (const auto& [name, tensor] : checkpoint.weights.tensors) {
    EXPECT_TRUE(expected.tensors.contains(name) || name.starts_with("pitchshift.")) << name;
  }
}

TEST_P(GoldenCheckpoint, TellsItsConfiguration) {
  const auto path = testing::golden_dir() / GetParam() / "model.ckpt";
  EXPECT_EQ(config_of_checkpoint(load_checkpoint(path), path.string()), testing::golden_config(GetParam()));
}

TEST_P(GoldenCheckpoint, LoadsAndConvertsWithoutLoss) {
  const testing::TemporaryFolder folder;
  std::vector<std::string> remarks;
  const auto path = testing::golden_dir() / GetParam() / "model.ckpt";
  convert_model(path, folder / "m.safetensors", {},
                [&](LogLevel, std::string_view text) { remarks.emplace_back(text); });
  EXPECT_THAT(remarks, IsEmpty());
  const Model converted = load_model(folder / "m.safetensors");
  const Model direct = load_model(path);
  EXPECT_EQ(converted.config, direct.config);
  const Weights expected = testing::golden_tensors(GetParam() + "/weights.safetensors");
  for (const TensorSpec& spec : expected_tensors(direct.config)) {
    const auto& bits = expected.tensors.at(spec.name).bytes;
    EXPECT_TRUE(std::ranges::equal(converted.weights.tensors.at(spec.name).bytes, bits)) << spec.name;
    EXPECT_TRUE(std::ranges::equal(direct.weights.tensors.at(spec.name).bytes, bits)) << spec.name;
  }
}

std::vector<std::string> folders_with_checkpoint() {
  std::vector<std::string> folders = testing::golden_model_folders();
  std::erase_if(folders, [](const std::string& folder) { return !testing::golden_exists(folder + "/model.ckpt"); });
  return folders;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenCheckpoint);
INSTANTIATE_TEST_SUITE_P(All, GoldenCheckpoint, ::testing::ValuesIn(folders_with_checkpoint()),
                         [](const auto& folder) { return test_name(folder.param.substr(6)); });

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenModel);
INSTANTIATE_TEST_SUITE_P(All, GoldenModel, ::testing::ValuesIn(testing::golden_model_folders()),
                         [](const auto& folder) { return test_name(folder.param.substr(6)); });

}  // namespace
}  // namespace yourmt3
