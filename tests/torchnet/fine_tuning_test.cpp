#include "torchnet/fine_tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "small_networks.h"
#include "support/torch_tensors.h"
#include "torchnet/initialise.h"
#include "torchnet/network_weights.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;
using testing::small_harmonic;
using testing::trained_parameters;

std::vector<std::string> names(const std::vector<std::pair<std::string, at::Tensor>>& parameters) {
  std::vector<std::string> result;
  for (const auto& [name, parameter] : parameters) result.push_back(name);
  return result;
}

/// Message of the error that `action` throws.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

at::Tensor logits_of(const Network& network) {
  const at::Tensor spectrogram = testing::random_spectrogram(network.config(), 2, 1);
  const at::Tensor labels =
      testing::random_ids({2 * network.config().decoder.n_channels, 6}, network.config().decoder.vocab_size, 2);
  const EncoderOutput encoded = network.encode(spectrogram, {});
  return network.decoding_logits(network.decode(shift_right(labels), encoded.memory.flatten(0, 1), {}).hidden);
}

/// Low-rank differences that are not zero any more.
void disturb(Network& network) {
  const at::NoGradGuard no_grad;
  std::uint64_t seed = 70;
  for (const auto& entry : network.named_parameters()) {
    if (entry.key().ends_with(".lora_b")) entry.value().copy_(testing::random(entry.value().sizes(), ++seed) - 0.5);
  }
}

TEST(Freeze, TakesTheGradientFromWhatFitsAndNothingElse) {
  Network network(small_harmonic());
  const auto before = names(trained_parameters(network));
  freeze(network, std::vector<std::string>{"encoder.*", "auxiliary.local"});
  const auto after = names(trained_parameters(network));
  std::size_t n_frozen = 0;
  for (const std::string& name : before) {
    const bool frozen = name.starts_with("encoder.") || name == "auxiliary.local.weight";
    n_frozen += frozen ? 1 : 0;
    EXPECT_EQ(std::ranges::count(after, name), frozen ? 0 : 1) << name;
  }
  EXPECT_EQ(after.size() + n_frozen, before.size());
  EXPECT_GT(n_frozen, 5u);
}

TEST(Freeze, AFrozenEncoderLeavesTheOtherGradientsAsTheyWere) {
  Network network(small_harmonic());
  initialise(network, 1);
  const auto gradient = [&] {
    return torch::autograd::grad({logits_of(network).square().sum()},
                                 {network["lm_head"]["lm_head"].tensor("weight")})[0];
  };
  const at::Tensor before = gradient();
  freeze(network, std::vector<std::string>{"encoder.*", "decoder.*"});
  EXPECT_TRUE(gradient().equal(before));
}

TEST(Freeze, APatternThatFitsNothingNamesWhatIsNear) {
  Network network(small_harmonic());
  EXPECT_THAT(message_of([&] { freeze(network, std::vector<std::string>{"auxiliary.note.*"}); }),
              ::testing::AllOf(HasSubstr("'auxiliary.note.*'"), HasSubstr("auxiliary.notes.weight")));
}

TEST(Lora, ChangesNothingUntilItIsTrained) {
  Network network(small_harmonic());
  initialise(network, 1);
  const at::Tensor before = logits_of(network);
  add_lora(network, {.rank = 2, .alpha = 4, .patterns = {"*"}, .also_trained = {}}, 5);
  EXPECT_TRUE(logits_of(network).equal(before));
}

TEST(Lora, OnlyItsTensorsAndWhatIsNamedAreTrained) {
  Network network(small_harmonic());
  initialise(network, 1);
  add_lora(
      network,
      {.rank = 2, .alpha = 4, .patterns = {"*SelfAttention.q", "*.k.weight"}, .also_trained = {"*final_layer_norm*"}},
      5);
  disturb(network);
  std::vector<at::Tensor> parameters;
  int n_low_rank = 0;
  for (const auto& [name, parameter] : trained_parameters(network)) {
    const bool low_rank = name.ends_with(".lora_a") || name.ends_with(".lora_b");
    EXPECT_TRUE(low_rank || name.find("final_layer_norm") != std::string::npos) << name;
    n_low_rank += low_rank ? 1 : 0;
    parameters.push_back(parameter);
  }
  // q of two self attentions; k of these and of the cross attention.
  EXPECT_EQ(n_low_rank, 2 * 5);
  for (const at::Tensor& gradient : torch::autograd::grad({logits_of(network).square().sum()}, parameters)) {
    EXPECT_GT(testing::largest(gradient), 0);
  }
}

TEST(Lora, MergedWeightsComputeTheSame) {
  for (const ModelConfig& config : {small_harmonic(), testing::small_published("yptf-moe-multi-nops")}) {
    Network network(config), merged(config);
    initialise(network, 1);
    const at::Tensor plain = logits_of(network);
    add_lora(network, {.rank = 2, .alpha = 2, .patterns = {"*"}, .also_trained = {}}, 5);
    disturb(network);
    const TensorBytes bytes = weights_of(network, DType::kF32);
    for (const auto& [name, view] : bytes.views()) EXPECT_EQ(name.find("lora"), std::string::npos) << name;
    Weights weights{bytes.views(), {}, {}};
    load_weights(merged, weights);
    const at::NoGradGuard no_grad;
    const at::Tensor found = logits_of(network), expected = logits_of(merged);
    EXPECT_GT(testing::largest(expected - plain), 0.1 * testing::largest(plain));
    // The same float32 sum W + BA, rounded at the same place: the products behind it are equal.
    testing::expect_near(found, expected, 1e-6 * testing::largest(expected), config.variant);
  }
}

TEST(Lora, ACheckpointKeepsItApartAndReadsBack) {
  const LoraOptions options = {.rank = 2, .alpha = 4, .patterns = {"decoder.*"}, .also_trained = {}};
  Network network(small_harmonic()), other(small_harmonic());
  initialise(network, 1);
  add_lora(network, options, 5);
  disturb(network);
  const TensorBytes bytes = weights_of(network, DType::kF32, true);
  Weights weights{bytes.views(), {}, {}};
  add_lora(other, options, 6);
  load_weights(other, weights);
  const auto expected = network.named_parameters(), found = other.named_parameters();
  for (const auto& entry : expected) EXPECT_TRUE(entry.value().equal(found[entry.key()])) << entry.key();
  EXPECT_TRUE(logits_of(other).equal(logits_of(network)));

  Network plain(small_harmonic());
  EXPECT_THAT(message_of([&] { load_weights(plain, weights); }), HasSubstr("lora_"));
  const auto last = std::prev(weights.tensors.end());
  for (auto i = weights.tensors.begin(); i != last; ++i) {
    if (!i->first.ends_with(".lora_a")) continue;
    weights.tensors.erase(i);
    break;
  }
  EXPECT_THAT(message_of([&] { load_weights(other, weights); }), HasSubstr(".lora_a"));
}

TEST(Lora, StartsFromWeightsThatHaveNone) {
  Network base(small_harmonic()), network(small_harmonic());
  initialise(base, 1);
  add_lora(network, {.rank = 1, .alpha = 1, .patterns = {"encoder.*"}, .also_trained = {}}, 5);
  const TensorBytes bytes = weights_of(base, DType::kF32, true);
  load_weights(network, {bytes.views(), {}, {}});
  EXPECT_TRUE(logits_of(network).equal(logits_of(base)));
}

TEST(Lora, RefusesWhatCannotBe) {
  Network network(small_harmonic());
  const auto attempt = [&](int rank, const std::vector<std::string>& patterns) {
    return message_of(
        [&] { add_lora(network, {.rank = rank, .alpha = 1, .patterns = patterns, .also_trained = {}}, 1); });
  };
  EXPECT_THAT(attempt(0, {"decoder.*"}), HasSubstr("rank is 0"));
  EXPECT_THAT(attempt(100, {"decoder.*"}), HasSubstr("rank is 100"));
  EXPECT_THAT(attempt(1, {}), HasSubstr("no patterns"));
  // A table that is looked up is no linear layer.
  EXPECT_THAT(attempt(1, {"embed_tokens.weight"}), HasSubstr("'embed_tokens.weight'"));
  EXPECT_EQ(attempt(1, {"decoder.*"}), "no error");
  EXPECT_THAT(attempt(1, {"encoder.*"}), HasSubstr("already"));
}

}  // namespace
}  // namespace yourmt3
