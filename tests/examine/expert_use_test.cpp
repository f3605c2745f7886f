#include "examine/expert_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/formula_weights.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// Ten frames of 300 samples, two latents, four experts of which two are taken.
ModelConfig small_mixture() {
  ModelConfig config;
  config.front_end.segment_samples = 2999;
  config.front_end.n_fft = 128;
  config.front_end.hop_length = 300;
  config.pre_encoder.n_blocks = 2;
  config.pre_encoder.channels = 4;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  config.encoder.d_model = 8;
  config.encoder.kv_dim = 16;
  config.encoder.qk_channels = config.encoder.v_channels = 8;
  config.encoder.n_cross_heads = config.encoder.n_self_heads = 2;
  config.encoder.n_latents = 2;
  config.encoder.n_positions = 10;
  config.encoder.n_blocks = 1;
  config.encoder.n_local_layers = config.encoder.n_temporal_layers = 1;
  config.encoder.n_experts = 4;
  config.encoder.top_k = 2;
  return config;
}

constexpr double kFrameSec = 300.0 / 16000;

Note note(int program, int pitch, int first_frame, int last_frame) {
  Note made;
  made.program = program;
  made.is_drum = program == kDrumProgram;
  made.pitch = pitch;
  made.onset_sec = first_frame * kFrameSec;
  made.offset_sec = last_frame * kFrameSec;
  return made;
}

/// Choices that a test writes by hand: experts 0 and 1 for the first latent of each frame, 2 and 3 for the second.
struct Choices {
  std::vector<std::int32_t> experts;
  std::vector<float> weights;

  Choices() {
    for (int frame = 0; frame < 10; ++frame) {
      experts.insert(experts.end(), {0, 1, 2, 3});
      weights.insert(weights.end(), {0.75f, 0.25f, 0.5f, 0.5f});
    }
  }
  RouterChoices choices(std::string_view layer = "encoder.blocks.0.local_transformer.0.mlp") const {
    return {0, layer, 4, 2, experts, weights};
  }
};

TEST(ExpertUse, CountsByDataSetAndLatent) {
  ExpertUse use(small_mixture());
  const Choices hand;
  use.add(hand.choices(), "a", 0, {});
  use.add(hand.choices(), "b", 0, {});
  use.add(hand.choices(), "b", 0, {});
  ASSERT_EQ(use.layers().size(), 1u);
  const auto& layer = use.layers().front();
  EXPECT_EQ(layer.all.positions, 60);
  EXPECT_THAT(layer.all.shares(), ElementsAre(0.25, 0.25, 0.25, 0.25));
  EXPECT_THAT(layer.all.mean_weights(), ElementsAre(0.375, 0.125, 0.25, 0.25));
  EXPECT_EQ(layer.table(ExpertCategory::kDataSet).at("a").positions, 20);
  EXPECT_EQ(layer.table(ExpertCategory::kDataSet).at("b").positions, 40);
  EXPECT_THAT(layer.table(ExpertCategory::kLatent).at("latent 00").counts, ElementsAre(30, 30, 0, 0));
  EXPECT_THAT(layer.table(ExpertCategory::kLatent).at("latent 01").counts, ElementsAre(0, 0, 30, 30));
}

TEST(ExpertUse, JoinsFramesWithWhatSoundsAndBegins) {
  ExpertUse use(small_mixture());
  // A piano note of frames 2 to 5, a drum at frame 8; 100 ms of the drum go beyond the segment.
  const std::vector<Note> notes = {note(0, 61, 2, 5), note(kDrumProgram, 38, 8, 8)};
  use.add(Choices().choices(), "a", 0, notes);
  const auto& groups = use.layers().front().table(ExpertCategory::kInstrumentGroup);
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups.at("Piano").positions, 2 * 4);
  EXPECT_EQ(groups.at("Drums").positions, 2 * 2);
  EXPECT_EQ(groups.at("silence").positions, 2 * 4);
  const auto& tokens = use.layers().front().table(ExpertCategory::kTokenType);
  EXPECT_EQ(tokens.at("pitch C#").positions, 2);
  EXPECT_EQ(tokens.at("drum").positions, 2);
  EXPECT_EQ(tokens.at("end of note").positions, 2);
  EXPECT_EQ(tokens.at("shift only").positions, 2 * 7);
}

TEST(ExpertUse, LaterSegmentsHaveTheirOwnNotes) {
  ExpertUse use(small_mixture());
  // Sounds on from before the segment, so that nothing begins in it.
  use.add(Choices().choices(), "a", 10 * kFrameSec, std::vector<Note>{note(0, 60, 8, 12), note(0, 64, 40, 41)});
  const auto& layer = use.layers().front();
  EXPECT_EQ(layer.table(ExpertCategory::kInstrumentGroup).at("Piano").positions, 2 * 3);
  EXPECT_FALSE(layer.table(ExpertCategory::kTokenType).contains("pitch C"));
  EXPECT_FALSE(layer.table(ExpertCategory::kTokenType).contains("pitch E"));
}

TEST(ExpertUse, MeasuresSayWhatIsKnown) {
  EXPECT_DOUBLE_EQ(relative_entropy(std::vector<double>{0.25, 0.25, 0.25, 0.25}), 1);
  EXPECT_DOUBLE_EQ(relative_entropy(std::vector<double>{0, 1, 0}), 0);
  EXPECT_NEAR(relative_entropy(std::vector<double>{0.5, 0.5, 0, 0}), 0.5, 1e-12);
  ExpertTable table;
  table["a"] = {{4, 0}, {4, 0}, 4};
  table["b"] = {{0, 4}, {0, 4}, 4};
  EXPECT_NEAR(information_bits(table), 1, 1e-12) << "the category tells the expert";
  table["b"] = {{8, 0}, {8, 0}, 8};
  EXPECT_NEAR(information_bits(table), 0, 1e-12) << "it tells nothing";
  EXPECT_EQ(information_bits({}), 0);
}

TEST(ExpertUse, ListensThroughTheEngine) {
  const ModelConfig config = small_mixture();
  const Engine engine(testing::formula_model(config, 3), {.n_threads = 1});
  ExpertUse use(config);
  std::vector<float> samples(2 * 2999 + 100);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<float>(std::sin(0.1 * static_cast<double>(i)));
  use.add(engine, "sines", samples, {});
  ASSERT_EQ(use.layers().size(), 2u);
  EXPECT_EQ(use.layers()[0].name, "encoder.blocks.0.local_transformer.0.mlp");
  EXPECT_EQ(use.layers()[1].name, "encoder.blocks.0.temporal_transformer.0.mlp");
  EXPECT_EQ(use.layers()[0].all.positions, 3 * 10 * 2) << "the last segment is filled up";

  const auto json = use.json();
  EXPECT_EQ(json.at("n_experts"), 4);
  const auto& layer = json.at("layers").at(0);
  double share = 0;
  for (const auto& value : layer.at("load")) share += value.get<double>();
  EXPECT_NEAR(share, 1, 1e-12);
  EXPECT_EQ(layer.at("data_set").at("rows").at("sines").at("positions"), 60);
  EXPECT_THAT(use.csv(), HasSubstr("encoder.blocks.0.local_transformer.0.mlp,data_set,\"sines\",3,60,"));
  const auto maps = use.heat_maps(ExpertCategory::kLatent);
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_THAT(maps[0].rows, UnorderedElementsAre("latent 00", "latent 01"));
}

TEST(ExpertUse, RefusesNetworksWithoutExpertsAndChoicesOfOthers) {
  ModelConfig config = small_mixture();
  config.encoder.feed_forward = EncoderConfig::FeedForward::kMlp;
  EXPECT_THROW(ExpertUse{config}, Error);
  ExpertUse use(small_mixture());
  Choices hand;
  hand.experts.resize(20);
  hand.weights.resize(20);
  EXPECT_THROW(use.add(hand.choices(), "a", 0, {}), Error);
}

}  // namespace
}  // namespace yourmt3
