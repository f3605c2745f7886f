#include "support/golden_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST_P(GoldenModel, HasExactlyTheTensorsOfItsConfiguration) {
  const Model model = testing::golden_model(GetParam());
  const TensorReport report = check_tensors(model.config, model.weights, GetParam());
  EXPECT_THAT(report.missing, IsEmpty());
  EXPECT_THAT(report.unexpected, IsEmpty());
  for (const TensorSpec& spec : expected_tensors(model.config)) {
    EXPECT_TRUE(model.weights.tensors.contains(spec.name)) << spec.name;
  }
  EXPECT_EQ(expected_tensors(model.config).size(), model.weights.tensors.size());
}

TEST_P(GoldenModel, HasTheRecordedSpectrogramShape) {
  const ModelConfig config = testing::golden_config(GetParam());
  const auto shape = testing::golden_json(GetParam() + "/config.json").at("spectrogram_shape_TF");
  EXPECT_EQ(config.front_end.n_frames(), shape.at(0).get<int>());
  EXPECT_EQ(config.front_end.n_bins(), shape.at(1).get<int>());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenModel);
INSTANTIATE_TEST_SUITE_P(All, GoldenModel, ::testing::ValuesIn(testing::golden_model_folders()),
                         [](const auto& folder) { return test_name(folder.param.substr(6)); });

}  // namespace
}  // namespace yourmt3
