// Every tensor of every published network, and of the options that they do not use, begins as the reference's does.

#include "torchnet/initialise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "small_networks.h"
#include "support/torch_tensors.h"
#include "torchnet/network_weights.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using testing::small_harmonic;
using testing::small_published;

struct Distribution {
  enum class Kind { kNormal, kUniform, kConstant } kind;
  double scale;  ///< Deviation, bound, or the value.
  double mean = 0;
};

Distribution normal(double deviation, double mean = 0) {
  return {Distribution::Kind::kNormal, deviation, mean};
}
Distribution uniform(double bound) {
  return {Distribution::Kind::kUniform, bound};
}
Distribution constant(double value) {
  return {Distribution::Kind::kConstant, value};
}

bool contains(const std::string& name, const char* part) {
  return name.find(part) != std::string::npos;
}

/// The table of the reference, by what a name contains.
Distribution expected_of(const std::string& name, const at::Tensor& t, const ModelConfig& config) {
  const double inputs = t.dim() > 1 ? static_cast<double>(t.size(1)) : 1;
  if (name == "embed_tokens.weight") return normal(1);
  if (name == "lm_head.lm_head.weight") return uniform(std::pow(config.decoder.d_model, -0.5));
  if (contains(name, "pre_encoder.")) {
    if (name.ends_with("running_mean") || name.ends_with("num_batches_tracked")) return constant(0);
    if (name.ends_with("running_var")) return constant(1);
    if (t.dim() == 4) {
      return uniform(std::sqrt(6.0 / static_cast<double>((t.size(0) + t.size(1)) * t.size(2) * t.size(3))));
    }
    return constant(contains(name, ".bn") && name.ends_with("weight") ? 1 : 0);
  }
  if (contains(name, "pre_decoder.")) {
    if (contains(name, "layers.2.") || contains(name, "layers.5.")) return constant(name.ends_with("weight") ? 1 : 0);
    if (name == "pre_decoder.0.weight") return uniform(std::pow(static_cast<double>(t.size(1) * t.size(2)), -0.5));
    if (t.dim() > 1) return uniform(std::pow(inputs, -0.5));
    const double latents = static_cast<double>(config.encoder.n_latents * config.encoder.d_model);
    return uniform(std::pow(contains(name, "layers.1.") ? latents : latents / 2, -0.5));
  }
  if (contains(name, ".block.") || contains(name, "final_layer_norm")) {  // T5
    if (t.dim() == 1) return constant(1);
    if (contains(name, ".experts.") || contains(name, ".gate.")) return uniform(std::pow(inputs, -0.5));
    if (contains(name, ".q.")) return normal(std::pow(inputs * 64, -0.5));
    if (contains(name, "relative_attention_bias")) return normal(std::pow(config.decoder.d_model, -0.5));
    return normal(std::pow(inputs, -0.5));
  }
  if (contains(name, "slopes")) return normal(1, -2);
  if (contains(name, "_pos_emb_temporal")) return normal(1);
  if (contains(name, "norm")) return constant(name.ends_with("weight") ? 1 : 0);
  return t.dim() == 1 ? constant(0) : normal(0.02);
}

void expect_as_the_reference(const ModelConfig& config) {
  Network network(config);
  initialise(network, 11);
  int n_checked = 0;
  const auto check = [&](const std::string& name, const at::Tensor& given) {
    if (name.ends_with("additive_pe.weight") || name.ends_with(".freqs")) return;
    SCOPED_TRACE(name);
    const at::Tensor t = given.detach().to(at::kDouble);
    const Distribution d = expected_of(name, t, config);
    ++n_checked;
    if (d.kind == Distribution::Kind::kConstant) {
      EXPECT_TRUE((t == d.scale).all().item<bool>());
      return;
    }
    const auto n = static_cast<double>(t.numel());
    const bool flat = d.kind == Distribution::Kind::kUniform;
    const double deviation = flat ? d.scale / std::sqrt(3.0) : d.scale;
    // Five standard errors: of the mean s / sqrt n, of the deviation s sqrt((kurtosis - 1) / 4n), with a kurtosis of 3,
    // or 1.8 of the flat one; small samples are no normal law yet, which the last term allows for.
    EXPECT_NEAR(t.mean().item<double>(), d.mean, 5 * deviation / std::sqrt(n));
    if (n >= 32) {
      const double error = deviation * std::sqrt((flat ? 0.2 : 0.5) / n);
      EXPECT_NEAR(t.std().item<double>(), deviation, 5 * error + deviation * 2 / n);
    }
    if (flat) {
      EXPECT_LE(testing::largest(t), d.scale * (1 + 1e-6));
    }
  };
  for (const auto& entry : network.named_parameters()) check(entry.key(), entry.value());
  for (const auto& entry : network.named_buffers()) check(entry.key(), entry.value());
  EXPECT_GT(n_checked, 50);
}

TEST(Initialise, EveryTensorOfThePublishedNetworksIsDrawnAsInTheReference) {
  for (const std::string& variant : published_variants()) {
    SCOPED_TRACE(variant);
    expect_as_the_reference(published_config(variant));
  }
}

TEST(Initialise, TensorsThatNoPublishedNetworkHasAreDrawnAsInTheReference) {
  ModelConfig config = published_config("ymt3plus");
  config.encoder.relative_position_bias = config.decoder.relative_position_bias = true;
  config.encoder.feed_forward = config.decoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  expect_as_the_reference(config);
  config = published_config("yptf-single-nops");
  config.encoder.position = LatentPosition::kTrainableKdt;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.encoder.n_latents = 4;
  config.pre_decoder.type = PreDecoderConfig::Type::kMlp;
  expect_as_the_reference(config);
  config.encoder.position = LatentPosition::kAlibiTrained;
  config.encoder.norm = Norm::kRmsNorm;
  config.pre_decoder.type = PreDecoderConfig::Type::kGroupLinear;
  expect_as_the_reference(config);
}

TEST(Initialise, HeadsExpectSilenceAndHiddenLayersAreTheFrameworksOwn) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 24;
  config.auxiliary.context_layers = 1;
  Network network(config);
  initialise(network, 1);
  const ParameterNode& heads = network["auxiliary"];
  for (const char* name : {"notes", "groups", "local"}) {
    EXPECT_TRUE((heads[name].tensor("bias") == -3).all().item<bool>()) << name;
  }
  const ParameterNode& head = heads["group_notes"];
  EXPECT_TRUE((head["output"].tensor("bias") == -3).all().item<bool>());
  const double bound = std::pow(static_cast<double>(head["hidden"].tensor("weight").size(1)), -0.5);
  EXPECT_LE(testing::largest(head["hidden"].tensor("bias")), bound);
  EXPECT_GT(testing::largest(head["hidden"].tensor("bias")), 0);
  const ParameterNode& context = head["context"]["0"];
  EXPECT_GT(testing::largest(context["reduce"].tensor("bias")), 0);
  EXPECT_EQ(testing::largest(context["mix"].tensor("weight")), 0);
  EXPECT_EQ(testing::largest(context["mix"].tensor("bias")), 0);
}

TEST(Initialise, FreshHeadsForDrumsAndTimbreChangeNothing) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 8;
  config.auxiliary.timbre_width = 12;
  config.auxiliary.drum_width = 12;
  config.auxiliary.drum_layers = 1;
  Network network(config);
  initialise(network, 1);
  const ParameterNode& head = network["auxiliary"]["drums"];
  EXPECT_GT(testing::largest(head["bands"].tensor("bias")), 0);
  EXPECT_LT(testing::largest(head["bands"].tensor("bias")), 1);
  EXPECT_GT(testing::largest(head["hidden"].tensor("weight")), 0);
  EXPECT_EQ(testing::largest(head["context"]["0"]["mix"].tensor("weight")), 0);
  EXPECT_EQ(testing::largest(head["output"].tensor("weight")), 0);
  EXPECT_EQ(testing::largest(head["output"].tensor("bias")), 0);
  const ParameterNode& timbre = network["auxiliary"]["timbre"];
  EXPECT_GT(testing::largest(timbre["spectrum"].tensor("bias")), 0);
  EXPECT_LT(testing::largest(timbre["spectrum"].tensor("bias")), 1);
  EXPECT_EQ(testing::largest(timbre["output"].tensor("weight")), 0);
  EXPECT_EQ(testing::largest(timbre["output"].tensor("bias")), 0);
}

TEST(Initialise, EqualSeedsGiveEqualWeightsAndOthersDiffer) {
  Network a(small_harmonic()), b(small_harmonic()), c(small_harmonic());
  initialise(a, 1);
  initialise(b, 1);
  initialise(c, 2);
  const at::Tensor& weight = a["lm_head"]["lm_head"].tensor("weight");
  EXPECT_TRUE(weight.equal(b["lm_head"]["lm_head"].tensor("weight")));
  EXPECT_FALSE(weight.equal(c["lm_head"]["lm_head"].tensor("weight")));
}

TEST(Initialise, ScalesMoveRoutersAndExpertsAlone) {
  ModelConfig config = small_harmonic();
  config.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  Network plain(config), scaled(config);
  initialise(plain, 1);
  initialise(scaled, 1, {.router_scale = 0.5, .expert_scale = 2});
  int n_routers = 0, n_experts = 0;
  for (const auto& entry : plain.named_parameters()) {
    const at::Tensor other = *scaled.named_parameters().find(entry.key());
    const bool expert = contains(entry.key(), ".experts."), encoder = entry.key().rfind("encoder.", 0) == 0;
    const bool router = !expert && encoder && entry.key().ends_with(".gate.weight");
    n_routers += router ? 1 : 0;
    n_experts += expert ? 1 : 0;
    const double factor = router ? 0.5 : expert ? 2 : 1;
    EXPECT_TRUE((entry.value() * factor).equal(other)) << entry.key();
  }
  EXPECT_GT(n_routers, 0);
  EXPECT_GT(n_experts, 0);
}

TEST(Initialise, TimeEmbeddingsAreTheCodesOfTheirFrames) {
  Network network(small_harmonic());
  initialise(network, 1);
  initialise_time_embeddings(network, 5, 100, 0.01);
  // A frame lasts 20 ms: step 2 s stands where frame s does.
  const at::Tensor& table = network["encoder"]["encoder"]["additive_pe"].tensor("weight");
  testing::expect_near(network["embed_tokens"].tensor("weight")[5 + 2 * 30], table[30], 1e-6, "frame 30");
}

TEST(Initialise, TimeEmbeddingsNeedEqualWidths) {
  ModelConfig config = small_published("yptf-single-nops");
  Network network(config);
  EXPECT_THROW(initialise_time_embeddings(network, 3, 10, 0.01), Error);
}

}  // namespace
}  // namespace yourmt3
