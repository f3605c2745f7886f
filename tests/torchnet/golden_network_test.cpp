// Every recorded stage of the small golden networks, each from the golden output of the stage before it, the whole
// chain and the training loss.

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "features/front_end.h"
#include "support/golden_model.h"
#include "support/torch_tensors.h"
#include "torchnet/network.h"
#include "torchnet/network_weights.h"
#include "train/losses.h"

namespace yourmt3 {
namespace {

using testing::expect_near;
using testing::largest;

class GoldenNetwork : public ::testing::TestWithParam<std::string> {
 protected:
  GoldenNetwork()
      : network_(testing::golden_config(GetParam())),
        golden_(testing::golden_tensors(GetParam() + "/golden.safetensors")),
        tolerance_(testing::golden_json(GetParam() + "/tolerance.json")) {
    load_weights(network_, testing::golden_tensors(GetParam() + "/weights.safetensors"));
  }

  at::Tensor value(const std::string& name) const { return testing::to_tensor(golden_.tensors.at(name)); }
  bool has(const std::string& name) const { return golden_.tensors.contains(name); }
  at::Tensor memory() const { return has("pre_decoder") ? value("pre_decoder") : value("encoder"); }
  /// (R, S, d).
  at::Tensor memory_rows(const at::Tensor& memory) const { return memory.dim() == 4 ? memory.flatten(0, 1) : memory; }
  at::Tensor rows(const at::Tensor& ids) const { return ids.dim() == 3 ? ids.flatten(0, 1) : ids; }

  /// Four times what the reference's own float32 run is off its float64 run, and an ulp of the largest value: another
  /// order of summation is off by as much again, in the other direction.
  double stage_bound(const std::string& key, const at::Tensor& expected) const {
    return 4 * tolerance_.at("per_stage_f32_vs_f64_given_golden_input").at(key).at("max_abs").get<double>() +
           1.2e-7 * largest(expected);
  }
  double chain_bound(const std::string& key, const at::Tensor& expected) const {
    return 4 * tolerance_.at("end_to_end_f32_vs_f64").at(key).at("max_abs").get<double>() + 1.2e-7 * largest(expected);
  }

  at::NoGradGuard no_grad_;
  Network network_;
  Weights golden_;
  nlohmann::json tolerance_;
  Pass pass_;
};

TEST_P(GoldenNetwork, PreEncoderAgrees) {
  if (!has("pre_encoder")) {
    EXPECT_EQ(network_.config().pre_encoder.type, PreEncoderConfig::Type::kNone);
    return;
  }
  const at::Tensor expected = value("pre_encoder");
  expect_near(network_.pre_encode(value("spectrogram"), pass_), expected,
              stage_bound("pre_encoder<-spectrogram", expected), "pre_encoder");
}

TEST_P(GoldenNetwork, EncoderAgreesAndSoDoesEveryRecordedStepInsideIt) {
  EncoderTrace trace;
  const at::Tensor encoded =
      network_.encode_features(value(has("pre_encoder") ? "pre_encoder" : "spectrogram"), pass_, &trace);
  expect_near(encoded, value("encoder"), stage_bound("encoder<-pre_encoder", value("encoder")), "encoder");
  int n_compared = 0;
  for (const auto& [name, view] : golden_.tensors) {
    if (!name.starts_with("enc.")) continue;
    const at::Tensor expected = testing::to_tensor(view);
    at::Tensor found;
    if (name == "enc.block0.sca") {
      found = trace.first_sca[0];
    } else if (name == "enc.block0.local0") {
      found = trace.first_local[0];
    } else if (name == "enc.block0.local0.router_logits") {
      found = trace.first_router_logits.slice(0, 0, expected.size(0));
    } else if (name == "enc.block0.temporal0") {
      found = trace.first_temporal[0];
    } else {
      ASSERT_TRUE(name.starts_with("enc.block")) << name;
      found = trace.blocks.at(std::stoul(name.substr(9))).slice(0, 0, 1);
    }
    // Recorded within one run from the audio; from the golden input the steps are at least as close.
    expect_near(found, expected, chain_bound(name, expected), name);
    ++n_compared;
  }
  EXPECT_GT(n_compared, 0);
}

TEST_P(GoldenNetwork, PreDecoderAgrees) {
  const at::Tensor found = network_.pre_decode(value("encoder"), pass_), expected = memory();
  expect_near(found.view_as(expected), expected, stage_bound("pre_decoder<-encoder", expected), "pre_decoder");
}

TEST_P(GoldenNetwork, TeacherForcedDecoderAndTheTrainingLossAgree) {
  const at::Tensor labels = value("tf.labels");
  const at::Tensor input = shift_right(rows(labels));
  EXPECT_TRUE(input.equal(rows(value("tf.decoder_input_ids"))));
  const at::Tensor hidden = network_.decode(input, memory_rows(memory()), pass_).hidden;
  const at::Tensor expected_hidden = value("tf.decoder_hidden"), expected = value("tf.logits");
  expect_near(hidden.view_as(expected_hidden), expected_hidden,
              stage_bound("tf.decoder_hidden<-pre_decoder", expected_hidden), "tf.decoder_hidden");
  expect_near(network_.decoding_logits(hidden).view_as(expected), expected,
              stage_bound("tf.logits<-pre_decoder", expected), "tf.logits");
  const at::Tensor loss = token_cross_entropy(network_.training_logits(hidden), rows(labels));
  // A mean of values of order 5 that float32 summed up in the recording: some ulps.
  EXPECT_NEAR(loss.item<double>(), value("tf.loss").item<double>(), 4e-6);
}

TEST_P(GoldenNetwork, GreedyTokensAreEqual) {
  const at::Tensor expected = value("greedy.tokens");
  const int steps = testing::golden_json(GetParam() + "/config.json").at("greedy_steps").get<int>();
  const at::Tensor found = network_.greedy(memory_rows(memory()), steps, pass_);
  EXPECT_TRUE(found.equal(expected.flatten(0, 1))) << found << expected;
}

TEST_P(GoldenNetwork, TheWholeChainFromAudioAgrees) {
  const FrontEnd front_end(network_.config().front_end);
  const at::Tensor audio = value("audio"), recorded = value("spectrogram");
  at::Tensor spectrogram = at::empty(recorded.sizes(), at::kFloat);
  const std::int64_t samples = audio.size(-1), values = spectrogram[0].numel();
  for (std::int64_t b = 0; b < audio.size(0); ++b) {
    front_end.compute({audio.data_ptr<float>() + b * samples, static_cast<std::size_t>(samples)},
                      {spectrogram.data_ptr<float>() + b * values, static_cast<std::size_t>(values)});
  }
  const at::Tensor memory_found = network_.encode(spectrogram, pass_).memory;
  const at::Tensor hidden =
      network_.decode(rows(value("tf.decoder_input_ids")), memory_found.flatten(0, 1), pass_).hidden;
  const at::Tensor expected = value("tf.logits");
  expect_near(network_.decoding_logits(hidden).view_as(expected), expected, chain_bound("tf.logits", expected),
              "tf.logits");
}

TEST(GoldenNetworkFolders, ArePresentWhereGoldenModelsAre) {
  if (!testing::golden_exists("model")) GTEST_SKIP() << "no golden networks in " << testing::golden_dir();
  EXPECT_FALSE(testing::golden_model_folders().empty());
}

std::string test_name(std::string folder) {
  folder = folder.substr(folder.rfind('/') + 1);
  std::ranges::replace_if(
      folder, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return folder;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenNetwork);
INSTANTIATE_TEST_SUITE_P(All, GoldenNetwork, ::testing::ValuesIn(testing::golden_model_folders()),
                         [](const auto& folder) { return test_name(folder.param); });

}  // namespace
}  // namespace yourmt3
