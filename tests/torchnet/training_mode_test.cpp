// What differs in training: dropout, batch statistics, and what experts tell.

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <thread>

#include "small_networks.h"
#include "support/torch_tensors.h"
#include "torchnet/initialise.h"
#include "torchnet/mixture.h"
#include "torchnet/residual_conv.h"

namespace yourmt3 {
namespace {

using testing::expect_near;
using testing::random_spectrogram;
using testing::small_published;

Pass training_pass(std::uint64_t seed, PassRecord* record = nullptr) {
  return {at::kFloat, true, record, at::detail::createCPUGenerator(seed)};
}

void zero(const Network& network, const std::string& ending) {
  const at::NoGradGuard no_grad;
  for (const auto& entry : network.named_parameters()) {
    if (entry.key().find(ending) != std::string::npos) entry.value().zero_();
  }
}

TEST(Dropout, KeepsTheMeanAndZeroesTheShareThatIsAsked) {
  const at::Tensor x = at::ones({200, 500});
  const at::Tensor y = dropout(x, 0.3, training_pass(1));
  // Of 100 000 draws the share is known to 0.0015; four times that.
  EXPECT_NEAR((y == 0).to(at::kFloat).mean().item<double>(), 0.3, 0.006);
  EXPECT_NEAR(y.max().item<double>(), 1 / 0.7, 1e-6);
  EXPECT_TRUE(y.equal(dropout(x, 0.3, training_pass(1))));
  EXPECT_FALSE(y.equal(dropout(x, 0.3, training_pass(2))));
  EXPECT_TRUE(x.equal(dropout(x, 0.3, {})));
}

TEST(Dropout, ChangesEveryPublishedEncoderInTrainingOnlyAndFollowsItsGenerator) {
  for (const std::string& variant : published_variants()) {
    ModelConfig config = small_published(variant);
    config.encoder.dropout = 0.2f;
    Network network(config);
    initialise(network, 1);
    const at::NoGradGuard no_grad;
    const at::Tensor input = network.pre_encode(random_spectrogram(config, 1, 1), {});
    const at::Tensor calm = network.encode_features(input, {}),
                     first = network.encode_features(input, training_pass(1));
    EXPECT_TRUE(first.equal(network.encode_features(input, training_pass(1)))) << variant;
    EXPECT_FALSE(first.equal(network.encode_features(input, training_pass(2)))) << variant;
    EXPECT_FALSE(first.equal(calm)) << variant;
  }
}

TEST(Dropout, OfThePerceiverIsOnAttentionAlone) {
  ModelConfig config = small_published("yptf-moe-multi-nops");
  config.encoder.dropout = 0.5f;
  Network network(config);
  initialise(network, 1);
  // Attention that mixes zeros gives zeros whatever is dropped; experts, norms and residuals go on working.
  zero(network, ".self.value.");
  const at::NoGradGuard no_grad;
  const at::Tensor input = network.pre_encode(random_spectrogram(config, 1, 1), {});
  EXPECT_TRUE(network.encode_features(input, training_pass(1)).equal(network.encode_features(input, {})));
}

TEST(Dropout, OfThePerceiversGatedLayerIsOnItsProductAndItsOutput) {
  ModelConfig config = small_published("yptf-single-nops");
  config.encoder.dropout = 0.5f;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.encoder.n_local_layers = 0;
  Network network(config);
  initialise(network, 1);
  zero(network, ".self.value.");
  zero(network, ".self.layernorm");
  zero(network, "pos_emb");
  zero(network, "latents");
  // What is left is the feed-forward of constant inputs, if its norm gives any: a bias of one.
  {
    const at::NoGradGuard no_grad;
    for (const auto& entry : network.named_parameters()) {
      if (entry.key().ends_with("0.layernorm.bias")) entry.value().fill_(1);
    }
  }
  const at::NoGradGuard no_grad;
  const at::Tensor input = network.pre_encode(random_spectrogram(config, 4, 1), {});
  const at::Tensor output = network.encode_features(input, training_pass(1));
  // 4 segments of 8 frames, 24 latents and 8 channels: the share of zeros is known to 0.0064.
  EXPECT_NEAR((output == 0).to(at::kFloat).mean().item<double>(), 0.5, 0.026);
}

TEST(Dropout, OfT5IsOnTheEmbeddingAndBehindTheLastNormToo) {
  ModelConfig config = small_published("ymt3plus");
  config.encoder.dropout = 0.5f;
  Network network(config);
  initialise(network, 1);
  zero(network, ".o.weight");
  zero(network, ".wo.weight");
  const at::NoGradGuard no_grad;
  const at::Tensor output = network.encode_features(random_spectrogram(config, 50, 1) + 0.1, training_pass(1));
  // One half is dropped in front of the blocks, which change nothing here, and one half of the rest behind them; of
  // 50 * 8 * 16 values the share is known to 0.0054.
  EXPECT_NEAR((output == 0).to(at::kFloat).mean().item<double>(), 0.75, 0.022);
}

TEST(Dropout, OfT5IsOnWhatEverySublayerAdds) {
  ModelConfig config = small_published("ymt3plus");
  config.encoder.dropout = 0.25f;
  for (const char* silent : {".o.weight", ".wo.weight"}) {
    Network network(config), same(config);
    initialise(network, 1);
    initialise(same, 1);
    zero(network, silent);
    zero(same, ".o.weight");
    zero(same, ".wo.weight");
    const at::NoGradGuard no_grad;
    // The draws in front of the first block are the same in both; those of the sublayer that still adds come next.
    const at::Tensor input = random_spectrogram(config, 20, 1);
    EncoderTrace with, without;
    network.encode_features(input, training_pass(3), &with);
    same.encode_features(input, training_pass(3), &without);
    const at::Tensor added = with.blocks[0] - without.blocks[0];
    // 20 * 8 * 16 values: known to 0.0086.
    EXPECT_NEAR((added == 0).to(at::kFloat).mean().item<double>(), 0.25, 0.035) << silent;
  }
}

class BatchNorm : public ::testing::Test {
 protected:
  BatchNorm() : config_(small_published("yptf-single-nops")), network_(config_), twin_(config_) {
    initialise(network_, 1);
    initialise(twin_, 1);
  }

  static const ParameterNode& first_norm(const Network& network) {
    return network["pre_encoder"][0]["blocks"][0]["bn1"];
  }

  ModelConfig config_;
  Network network_, twin_;
  const at::NoGradGuard no_grad_;
};

TEST_F(BatchNorm, TakesTheStatisticsOfTheBatchInTraining) {
  ModelConfig config = config_;
  config.pre_encoder.n_blocks = 1;
  config.encoder.kv_dim = config.n_pooled_bins();
  Network network(config);
  initialise(network, 1);
  const at::Tensor input = random_spectrogram(config, 3, 1);
  const ParameterNode& block = network["pre_encoder"][0]["blocks"][0];
  const auto normalised = [](const at::Tensor& x) {
    const at::Tensor centred = x - x.mean({0, 2, 3}, true);
    return centred / (centred.square().mean({0, 2, 3}, true) + 1e-5).sqrt();
  };
  const auto weight = [&](const char* name) { return block[name].tensor("weight"); };
  const at::Tensor x = input.unsqueeze(1);
  const at::Tensor a = at::relu(normalised(at::conv2d(x, weight("conv1"), {}, 1, 1)));
  const at::Tensor b = normalised(at::conv2d(a, weight("conv2"), {}, 1, 1)) + at::conv2d(x, weight("shortcut"));
  const at::Tensor expected = at::avg_pool2d(at::relu(b), {1, 2}).permute({0, 2, 3, 1});
  expect_near(network.pre_encode(input, training_pass(1)), expected, 1e-5 * testing::largest(expected), "pre_encoder");
  EXPECT_FALSE(expected.allclose(network.pre_encode(input, {}), 0.01, 0.01));
}

TEST_F(BatchNorm, StatisticsMoveAsTheFrameworksOwn) {
  const at::Tensor input = random_spectrogram(config_, 3, 1);
  network_.pre_encode(input, training_pass(1));
  const ParameterNode& block = twin_["pre_encoder"][0]["blocks"][0];
  const at::Tensor x = at::conv2d(input.unsqueeze(1), block["conv1"].tensor("weight"), {}, 1, 1);
  const ParameterNode& norm = block["bn1"];
  at::batch_norm(x, norm.tensor("weight"), norm.tensor("bias"), norm.tensor("running_mean"), norm.tensor("running_var"),
                 true, 0.1, 1e-5, false);
  for (const char* name : {"running_mean", "running_var"}) {
    const at::Tensor expected = norm.tensor(name);
    expect_near(first_norm(network_).tensor(name), expected, 1e-6 * (1 + testing::largest(expected)), name);
  }
  EXPECT_EQ(first_norm(network_).tensor("num_batches_tracked").item<std::int64_t>(), 1);
}

TEST_F(BatchNorm, SharesOfABatchMoveTheStatisticsAsTheWholeBatchWhateverTheirOrder) {
  const at::Tensor input = random_spectrogram(config_, 5, 1);
  PassRecord first, second, whole;
  const std::vector<at::Tensor> parts = {input.slice(0, 0, 2), input.slice(0, 2)};
  std::thread thread([&] {
    const at::NoGradGuard no_grad;
    network_.pre_encode(parts[1], training_pass(1, &second));
  });
  network_.pre_encode(parts[0], training_pass(1, &first));
  thread.join();
  EXPECT_EQ(testing::largest(first_norm(network_).tensor("running_mean")), 0);
  twin_.pre_encode(input, training_pass(1, &whole));
  update_running_statistics(std::vector<PassRecord>{first, second});
  update_running_statistics({&whole, 1});
  for (const char* name : {"running_mean", "running_var"}) {
    const at::Tensor expected = first_norm(twin_).tensor(name);
    expect_near(first_norm(network_).tensor(name), expected, 1e-6 * (1 + testing::largest(expected)), name);
  }
  EXPECT_EQ(first_norm(network_).tensor("num_batches_tracked").item<std::int64_t>(), 1);
}

TEST_F(BatchNorm, OutsideTrainingNothingMoves) {
  PassRecord record;
  Pass pass;
  pass.record = &record;
  network_.pre_encode(random_spectrogram(config_, 2, 1), pass);
  EXPECT_TRUE(record.statistics.empty());
  EXPECT_EQ(first_norm(network_).tensor("num_batches_tracked").item<std::int64_t>(), 0);
}

TEST(BFloat16, TrainsEveryPublishedNetworkNearFloat32) {
  for (const std::string& variant : published_variants()) {
    SCOPED_TRACE(variant);
    ModelConfig config = small_published(variant);
    Network network(config);
    initialise(network, 1);
    const at::Tensor input = random_spectrogram(config, 2, 1);
    std::vector<at::Tensor> parameters;
    for (const auto& [name, parameter] : testing::trained_parameters(network)) {
      // A router may choose other experts when the last digits differ: only what all positions pass is compared.
      if (name.find(".mlp.") == std::string::npos) parameters.push_back(parameter);
    }
    std::vector<at::Tensor> outputs[2], gradients[2];
    for (const int round : {0, 1}) {
      PassRecord record;
      Pass pass = training_pass(1, &record);
      pass.compute = round == 0 ? at::kFloat : at::kBFloat16;
      const at::Tensor memory = network.encode(input, pass).memory.flatten(0, 1);
      const at::Tensor labels = testing::random_ids({memory.size(0), 6}, config.decoder.vocab_size, 2);
      const at::Tensor logits = network.training_logits(network.decode(shift_right(labels), memory, pass).hidden);
      EXPECT_EQ(memory.scalar_type(), pass.compute);
      EXPECT_EQ(logits.scalar_type(), at::kFloat);
      outputs[round] = {memory.to(at::kFloat), logits};
      gradients[round] = torch::autograd::grad({logits.square().sum()}, parameters, {}, {}, false, true);
    }
    for (std::size_t i = 0; i < outputs[0].size(); ++i) {
      // Eight bits of mantissa, some dozen roundings one after the other.
      testing::expect_near(outputs[1][i], outputs[0][i], 24 * 4e-3 * testing::largest(outputs[0][i]), "output");
    }
    double product = 0, squares[2] = {};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!gradients[0][i].defined() || !gradients[1][i].defined()) continue;
      EXPECT_EQ(gradients[1][i].scalar_type(), at::kFloat);
      const at::Tensor a = gradients[0][i].to(at::kDouble), b = gradients[1][i].to(at::kDouble);
      product += (a * b).sum().item<double>();
      squares[0] += a.square().sum().item<double>();
      squares[1] += b.square().sum().item<double>();
    }
    // Errors of some per cent that are independent leave the direction.
    EXPECT_GT(product / std::sqrt(squares[0] * squares[1]), 0.98);
  }
}

class Experts : public ::testing::Test {
 protected:
  Experts() : network_(small_published("yptf-moe-multi-nops")) { initialise(network_, 1); }

  const ParameterNode& layer() const { return network_["encoder"]["blocks"][0]["local_transformer"][0]["mlp"]; }

  Network network_;
};

TEST_F(Experts, EveryPositionGetsTheWeightedSumOfItsOwn) {
  const at::Tensor x = testing::random({5, 3, 8}, 1) * 40 - 20;
  const at::NoGradGuard no_grad;
  const at::Tensor found = mixture_of_experts(layer(), x, 2, Activation::kSilu, {});
  const at::Tensor logits = linear(layer()["gate"], x);
  for (std::int64_t i = 0; i < 15; ++i) {
    const at::Tensor row = x.view({15, 8})[i], scores = logits.view({15, 8})[i];
    const at::Tensor order = scores.argsort(0, true);
    const double a = scores[order[0].item<std::int64_t>()].item<double>();
    const double b = scores[order[1].item<std::int64_t>()].item<double>();
    const double share = 1 / (1 + std::exp(b - a));
    const auto expert = [&](int rank) {
      return gated_mlp(layer()["experts"][static_cast<std::size_t>(order[rank].item<std::int64_t>())], row.unsqueeze(0),
                       Activation::kSilu)[0];
    };
    expect_near(found.view({15, 8})[i], expert(0) * share + expert(1) * (1 - share), 1e-6, "position");
  }
}

TEST_F(Experts, TellTheirLoadAndBalanceForEveryLayer) {
  PassRecord record;
  Pass pass;
  pass.record = &record;
  const ModelConfig& config = network_.config();
  network_.encode(random_spectrogram(config, 2, 1), pass);
  ASSERT_EQ(record.experts.size(), 2u);
  EXPECT_EQ(record.experts[0].layer, "encoder.blocks.0.local_transformer.0.mlp");
  EXPECT_EQ(record.experts[1].layer, "encoder.blocks.0.temporal_transformer.0.mlp");
  const std::int64_t positions = 2 * config.front_end.n_frames() * config.encoder.n_latents;
  for (const ExpertLoad& load : record.experts) {
    EXPECT_EQ(load.counts.size(0), config.encoder.n_experts);
    EXPECT_EQ(load.counts.sum().item<std::int64_t>(), positions * config.encoder.top_k);
  }
  const at::Tensor expected = (record.experts[0].balance + record.experts[1].balance) / 2;
  EXPECT_FLOAT_EQ(record.balance_loss().item<float>(), expected.item<float>());
}

TEST_F(Experts, BalanceIsOneForAnEvenRouterAndGrowsWhenOneTakesAll) {
  const at::Tensor x = testing::random({50, 8}, 1);
  const auto balance = [&] {
    PassRecord record;
    Pass pass;
    pass.record = &record;
    mixture_of_experts(layer(), x, 1, Activation::kSilu, pass);
    return record.balance_loss();
  };
  {
    const at::NoGradGuard no_grad;
    layer()["gate"].tensor("weight").zero_();
  }
  EXPECT_NEAR(balance().item<double>(), 1, 1e-6);
  {
    const at::NoGradGuard no_grad;
    layer()["gate"].tensor("weight")[2].fill_(100);
  }
  EXPECT_NEAR(balance().item<double>(), 8, 1e-4);
  const at::Tensor gradient = torch::autograd::grad({balance()}, {layer()["gate"].tensor("weight")})[0];
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
}

TEST(PassRecord, HasNoBalanceWithoutExperts) {
  EXPECT_FALSE(PassRecord().balance_loss().defined());
}

}  // namespace
}  // namespace yourmt3
