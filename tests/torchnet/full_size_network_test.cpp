// The published sizes with weights by formula, against recorded statistics and samples of every stage.

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/formula_weights.h"
#include "support/golden_model.h"
#include "support/torch_tensors.h"
#include "torchnet/network.h"
#include "torchnet/network_weights.h"
#include "train/losses.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

/// Four times what the reference's float32 is off float64, and an ulp of the largest value.
double bound(const json& stage) {
  const double largest = std::max(std::abs(stage.at("min").get<double>()), std::abs(stage.at("max").get<double>()));
  return 4 * stage.at("f32_vs_f64").at("given_float32_spectrogram").at("max_abs").get<double>() + 1.2e-7 * largest;
}

/// While one lives convolutions are libtorch's own. Those of oneDNN round differently on each kind of processor, on
/// some (AVX2) by enough for a router that hesitates between two experts to take the other one.
class OwnConvolutions {
 public:
  OwnConvolutions() { at::globalContext().setUserEnabledMkldnn(false); }
  ~OwnConvolutions() { at::globalContext().setUserEnabledMkldnn(true); }
  OwnConvolutions(const OwnConvolutions&) = delete;
  OwnConvolutions& operator=(const OwnConvolutions&) = delete;
};

class FullSizeNetwork : public ::testing::TestWithParam<std::string> {};

TEST_P(FullSizeNetwork, EveryStageHasTheRecordedStatisticsAndTheTokensAreEqual) {
  const at::NoGradGuard no_grad;
  const OwnConvolutions own_convolutions;
  const json recorded = testing::golden_json("model/full-size-stats/" + GetParam() + ".json");
  const json& stages = recorded.at("stages");
  const auto salt = recorded.at("salt").get<std::uint64_t>();
  const ModelConfig config = published_config(GetParam());
  Network network(config);
  load_weights(network, testing::formula_model(config, salt).weights);
  const Pass pass;

  const Weights front_end = testing::golden_tensors("model/frontend-full/golden.safetensors");
  const bool mel = config.front_end.codec == FrontEndConfig::Codec::kMel;
  const at::Tensor spectrogram = testing::to_tensor(front_end.tensors.at(mel ? "melspec" : "spec")).slice(0, 0, 1);
  const auto expect = [&](const char* stage, const at::Tensor& found) {
    testing::expect_recorded_values(stages.at(stage), testing::to_vector(found), bound(stages.at(stage)), stage);
  };
  const at::Tensor pre_encoded = network.pre_encode(spectrogram, pass);
  expect("pre_encoder", pre_encoded);
  const at::Tensor encoded = network.encode_features(pre_encoded, pass);
  expect("encoder", encoded);
  const at::Tensor memory = network.pre_decode(encoded, pass).flatten(0, 1);
  expect("pre_decoder", memory);

  const std::int64_t channels = config.decoder.n_channels;
  const auto n =
      stages.at("tf_logits").at("shape").at(stages.at("tf_logits").at("shape").size() - 2).get<std::int64_t>();
  const auto ids = testing::formula_labels(static_cast<int>(channels), static_cast<int>(n), salt);
  at::Tensor labels = at::empty({channels, n}, at::kLong);
  std::copy(ids.begin(), ids.end(), labels.data_ptr<std::int64_t>());
  const at::Tensor hidden = network.decode(shift_right(labels), memory, pass).hidden;
  expect("tf_logits", network.decoding_logits(hidden));
  const json& loss = stages.at("tf_loss");
  const double expected_loss = loss.is_object() ? loss.at("mean").get<double>() : loss.get<double>();
  // A mean of values of order 6, from logits that may be off by their bound.
  EXPECT_NEAR(token_cross_entropy(network.training_logits(hidden), labels).item<double>(), expected_loss,
              bound(stages.at("tf_logits")) + 4e-6);

  const auto tokens = stages.at("greedy_tokens_16");
  const json& rows = tokens.is_object() ? tokens.at("values") : tokens;
  const at::Tensor found = network.greedy(memory, 16, pass);
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto* row = found.data_ptr<std::int64_t>() + c * found.size(1);
    std::vector<std::int64_t> values(row, row + found.size(1));
    values.resize(16, 0);
    EXPECT_EQ(json(values), rows.at(0).at(static_cast<std::size_t>(c))) << "channel " << c;
  }
}

std::string test_name(std::string variant) {
  std::ranges::replace(variant, '-', '_');
  return variant;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FullSizeNetwork);
INSTANTIATE_TEST_SUITE_P(Published, FullSizeNetwork, ::testing::ValuesIn(testing::recorded_full_size_variants()),
                         [](const auto& variant) { return test_name(variant.param); });

}  // namespace
}  // namespace yourmt3
