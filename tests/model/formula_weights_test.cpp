#include "support/formula_weights.h"

#include <gtest/gtest.h>

namespace yourmt3 {
namespace {

class FormulaWeights : public ::testing::TestWithParam<std::string> {};

TEST_P(FormulaWeights, GiveTheRecordedLabels) {
  const auto recorded = testing::golden_json("model/full-size-stats/" + GetParam() + ".json");
  const auto& labels = recorded.at("stages").at("labels");
  std::vector<std::int32_t> flat;
  for (const auto& channel : labels.at(0)) {
    for (const auto& token : channel) flat.push_back(token.get<std::int32_t>());
  }
  ASSERT_FALSE(flat.empty());
  const int n_channels = static_cast<int>(labels.at(0).size());
  EXPECT_EQ(n_channels, published_config(GetParam()).decoder.n_channels);
  EXPECT_EQ(testing::formula_labels(n_channels, static_cast<int>(labels.at(0).at(0).size()),
                                    recorded.at("salt").get<std::uint64_t>()),
            flat);
}

TEST_P(FormulaWeights, FillEveryTensorThatANetworkNeeds) {
  const ModelConfig config = published_config(GetParam());
  const Model model = testing::formula_model(config, 0);
  const TensorReport report = check_tensors(config, model.weights, GetParam());
  EXPECT_TRUE(report.missing.empty());
  EXPECT_TRUE(report.unexpected.empty());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FormulaWeights);
INSTANTIATE_TEST_SUITE_P(All, FormulaWeights, ::testing::ValuesIn(testing::recorded_full_size_variants()),
                         [](const auto& variant) {
                           std::string name = variant.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace yourmt3
