#include "engine/router_choices.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "engine/engine.h"
#include "tiny_models.h"

namespace yourmt3 {
namespace {

ModelConfig mixture_of_latents() {
  ModelConfig config = testing::tiny_perceiver();
  config.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  return config;
}

ModelConfig mixture_of_frames() {
  ModelConfig config = testing::tiny_harmonic();
  config.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  return config;
}

/// Overwrites the rows of every router of the encoder: `rows(e)` is the value of all weights of expert e.
void set_routers(Model& model, const std::function<float(int)>& rows) {
  auto values = std::make_shared<std::vector<float>>();
  for (int e = 0; e < model.config.encoder.n_experts; ++e) {
    values->insert(values->end(), static_cast<std::size_t>(model.config.encoder.d_model), rows(e));
  }
  for (auto& [name, tensor] : model.weights.tensors) {
    const bool router =
        name.starts_with("encoder.") && name.ends_with(".gate.weight") && name.find(".experts.") == std::string::npos;
    if (router) tensor.bytes = std::as_bytes(std::span(*values));
  }
  model.weights.storage =
      std::make_shared<std::pair<decltype(values), std::shared_ptr<const void>>>(values, model.weights.storage);
}

std::vector<float> sound(const ModelConfig& config, int n_segments) {
  return testing::random_values(static_cast<std::size_t>(n_segments * config.front_end.segment_samples), 3);
}

TEST(RouterChoices, AnUndecidedRouterSharesOutEvenlyAmongTheFirst) {
  for (const ModelConfig& config : {mixture_of_latents(), mixture_of_frames()}) {
    Model model = testing::formula_model(config, 5);
    set_routers(model, [](int) { return 0.f; });
    const Engine engine(model, {.n_threads = 2});
    int n_calls = 0;
    engine.encode(sound(config, 2), 2, [&](const RouterChoices& choices) {
      ++n_calls;
      EXPECT_EQ(choices.n_experts, config.encoder.n_experts);
      ASSERT_EQ(choices.top_k, 2);
      ASSERT_EQ(choices.experts.size(), static_cast<std::size_t>(config.front_end.n_frames() * config.n_latents() * 2));
      for (std::size_t i = 0; i < choices.experts.size(); ++i) {
        EXPECT_EQ(choices.experts[i], static_cast<std::int32_t>(i % 2));
        EXPECT_EQ(choices.weights[i], 0.5f);
      }
    });
    const EncoderConfig& encoder = config.encoder;
    const int n_layers = encoder.type == EncoderConfig::Type::kT5
                             ? encoder.n_layers
                             : encoder.n_blocks * (encoder.n_local_layers + encoder.n_temporal_layers);
    EXPECT_EQ(n_calls, 2 * n_layers);
  }
}

TEST(RouterChoices, WeightsFollowTheLogits) {
  // All weights of a row are one number c_e, so that its logit is c_e times the sum s of the position: the likeliest
  // two are the outermost of the side that s is on, and the second has exp(-|s| / 4) of the weight of the first.
  const ModelConfig config = mixture_of_frames();
  Model model = testing::formula_model(config, 5);
  set_routers(model, [](int e) { return static_cast<float>(e) / 4; });
  const Engine engine(model, {.n_threads = 1});
  const int last = config.encoder.n_experts - 1;
  int n_low = 0, n_high = 0;
  engine.encode(sound(config, 1), 1, [&](const RouterChoices& choices) {
    for (std::size_t i = 0; i < choices.experts.size(); i += 2) {
      const bool high = choices.experts[i] == last;
      ++(high ? n_high : n_low);
      EXPECT_EQ(choices.experts[i], high ? last : 0);
      EXPECT_EQ(choices.experts[i + 1], high ? last - 1 : 1);
      EXPECT_GE(choices.weights[i], choices.weights[i + 1]);
      // Two roundings of a quotient.
      EXPECT_NEAR(choices.weights[i] + choices.weights[i + 1], 1, 2.4e-7);
    }
  });
  EXPECT_GT(n_low + n_high, 0);
}

TEST(RouterChoices, LookingChangesNothing) {
  const ModelConfig config = mixture_of_latents();
  const Engine engine(testing::formula_model(config, 5), {.n_threads = 2});
  const auto audio = sound(config, 3);
  std::vector<std::string> layers;
  const auto observed =
      engine.encode(audio, 3, [&](const RouterChoices& choices) { layers.emplace_back(choices.layer); });
  EXPECT_EQ(observed.memory, engine.encode(audio, 3).memory);
  ASSERT_FALSE(layers.empty());
  EXPECT_EQ(layers.front(), "encoder.blocks.0.local_transformer.0.mlp");
}

TEST(RouterChoices, ThereAreNoneWithoutExperts) {
  const ModelConfig config = testing::tiny_perceiver();
  const Engine engine(testing::formula_model(config, 5), {.n_threads = 1});
  engine.encode(sound(config, 1), 1, [](const RouterChoices&) { FAIL(); });
}

}  // namespace
}  // namespace yourmt3
