// The parts of a training run: settings, examples, batches, loader, schedule, scores.

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "settings/merge_settings.h"
#include "small_run.h"
#include "support/torch_tensors.h"
#include "train/batch.h"
#include "train/loader.h"
#include "train/losses.h"
#include "train/onset_score.h"
#include "train/schedule.h"
#include "train/train_config.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TrainConfig small_config() {
  return parse_train_config(testing::small_run("store"));
}

TEST(TrainConfig, UnknownFieldsWrongTypesAndValuesOutOfRangeAreNamed) {
  const auto parse_with = [](const std::string& setting) {
    json settings = testing::small_run("store");
    apply_setting(settings, setting);
    return message_of([&] { parse_train_config(settings); });
  };
  EXPECT_EQ(parse_with("run.seed=3"), "no error");
  EXPECT_NE(parse_with("schedule.learning_rate=1").find("'schedule' has no field 'learning_rate'"), std::string::npos);
  EXPECT_NE(parse_with("schedule.lr=\"fast\"").find("schedule.lr"), std::string::npos);
  EXPECT_NE(parse_with("batch.size=0").find("batch.size"), std::string::npos);
  EXPECT_NE(parse_with("optimizer.kind=sgd").find("adamwscale"), std::string::npos);
  EXPECT_NE(parse_with("model=gpt").find("ymt3plus"), std::string::npos);
}

TEST(TrainConfig, DataSetsNameSplitsToLearnFromAndToHoldOut) {
  json settings = testing::small_run("store");
  merge_settings(settings, parse_toml(R"(
[[data.set]]
name = "plain"
stores = ["x"]
[[data.set]]
name = "named"
stores = ["y"]
split = "train_vocal"
validation_split = "test_vocal"
[[data.set]]
name = "several"
stores = ["z"]
split = ["one", "two", "one"]
validation_split = []
)",
                                      "sets"));
  const DataOptions data = parse_train_config(settings).data;
  ASSERT_EQ(data.sets.size(), 3U);
  EXPECT_TRUE(data.sets[0].splits.empty());
  EXPECT_EQ(data.sets[1].splits, std::vector<std::string>{"train_vocal"});
  EXPECT_EQ(data.sets[2].splits, (std::vector<std::string>{"one", "two", "one"}));
  ASSERT_EQ(data.held_out_sets.size(), 2U);
  EXPECT_EQ(data.held_out_sets[0].name, "plain");
  EXPECT_TRUE(data.held_out_sets[0].splits.empty());
  EXPECT_EQ(data.held_out_sets[1].splits, std::vector<std::string>{"test_vocal"});

  settings["data"]["set"][0]["split"] = json::array();
  EXPECT_NE(message_of([&] { parse_train_config(settings); }).find("'plain' names no 'split'"), std::string::npos);
  settings["data"]["set"][0]["split"] = 3;
  EXPECT_NE(message_of([&] { parse_train_config(settings); }).find("'data.set.split' has the value 3"),
            std::string::npos);
}

TEST(TrainConfig, APublishedVariantIsChosenByName) {
  json settings = testing::small_run("store");
  settings["model"] = "yptf-multi-ps";
  EXPECT_EQ(parse_train_config(settings).model.decoder.n_channels, 13);
}

TEST(Toml, SettingsReachIntoTablesAndLists) {
  json document = parse_toml("[[phase]]\nshare = 1\n[[phase]]\nshare = 2\n", "text");
  apply_setting(document, "phase.1.share=0.5");
  apply_setting(document, "data.stores=[\"a\", \"b\"]");
  apply_setting(document, "model=ymt3plus");
  EXPECT_EQ(document["phase"][1]["share"], 0.5);
  EXPECT_EQ(document["data"]["stores"], json({"a", "b"}));
  EXPECT_EQ(document["model"], "ymt3plus");
  EXPECT_THROW(apply_setting(document, "phase.7.share=1"), Error);
  EXPECT_THROW(apply_setting(document, "model.x=1"), Error);
  EXPECT_THROW(apply_setting(document, "nothing"), Error);
}

TEST(Toml, AnErrorTellsLineAndColumn) {
  EXPECT_NE(message_of([] { parse_toml("a = 1\nb = = 2\n", "x.toml"); }).find("x.toml:2:"), std::string::npos);
}

TEST(ExampleMaker, WritesTokensFramesAndTargetsOfTheSameNotes) {
  const TrainConfig config = small_config();
  const ExampleMaker maker(config.model);
  std::vector<float> samples(32767, 0.f);
  const std::vector<Note> notes = {{false, 5, -0.5, 0.3, 60, 1},  // Sounds already.
                                   {false, 41, 1.0, 1.5, 72, 1},
                                   {true, kDrumProgram, 1.0, 1.1, 35, 1},
                                   {true, kDrumProgram, 1.003, 1.1, 36, 1}};  // The same drum at the same tick.
  const Example example = maker.make({samples, notes, {}}, TokenMode::kOnsets);
  const Vocabulary& words = task("onset_v1").vocabulary;
  std::vector<std::int32_t> found = example.tokens.at(0);
  EXPECT_EQ(found.size(), example.frames.at(0).size());
  EXPECT_EQ(found.front(), 3);
  EXPECT_EQ(found.back(), kEosId);
  EXPECT_EQ(std::count(found.begin(), found.end(), words.id(EventType::kDrum, 36)), 1);
  EXPECT_EQ(std::count(found.begin(), found.end(), words.id(EventType::kPitch, 60)), 0);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const EventType type = words.event(found[i]).type;
    const bool timeless = type == EventType::kTask || type == EventType::kEos;
    // 1 s is frame 50.
    EXPECT_EQ(example.frames[0][i], timeless ? -1 : (type == EventType::kTie ? 0 : 50)) << i;
  }

  const std::size_t width = 88 * 2 + 64;
  const auto target = [&](int frame, int column) {
    return example.notes.at(static_cast<std::size_t>(frame) * width + static_cast<std::size_t>(column));
  };
  EXPECT_EQ(target(50, 72 - 21), 1);
  EXPECT_EQ(target(0, 60 - 21), 0) << "an onset before the segment is none";
  EXPECT_EQ(target(0, 88 + 60 - 21), 1);
  EXPECT_EQ(target(14, 88 + 60 - 21), 1);
  EXPECT_EQ(target(15, 88 + 60 - 21), 0);
  EXPECT_EQ(target(50, 176 + 36 - 27), 1);
  EXPECT_EQ(example.groups.at(0 * 13 + 0), 1);
  EXPECT_EQ(example.groups.at(60 * 13 + 0), 0);
  EXPECT_EQ(example.groups.at(60 * 13 + 5), 1);
  EXPECT_EQ(example.groups.at(50 * 13 + 12), 1);

  const Example whole = maker.make({samples, notes, {}}, TokenMode::kNotes);
  EXPECT_EQ(whole.tokens.at(0).front(), 4);
  EXPECT_EQ(std::count(whole.tokens[0].begin(), whole.tokens[0].end(), words.id(EventType::kPitch, 60)), 2)
      << "once as a tie, once where it ends";
}

TEST(ExampleMaker, TellsWhichGroupBeginsANote) {
  ModelConfig config = small_config().model;
  config.auxiliary.group_notes = 4;
  const std::vector<Note> notes = {{false, 5, -0.5, 0.3, 60, 1},  // Begun before.
                                   {false, 41, 1.0, 1.5, 72, 1},  // Strings.
                                   {false, 0, 1.0, 1.5, 72, 1},   // A piano on the same key.
                                   {true, kDrumProgram, 1.0, 1.1, 36, 1}};
  const Example example = ExampleMaker(config).make({std::vector<float>(32767), notes, {}}, TokenMode::kOnsets);
  const int groups = config.auxiliary.n_pitched_groups();
  ASSERT_EQ(groups, 12);
  const auto at = [&](int frame, int pitch, int group) {
    return example.group_notes.at(static_cast<std::size_t>((frame * 88 + pitch - 21) * groups + group));
  };
  EXPECT_EQ(at(50, 72, 5), 1);
  EXPECT_EQ(at(50, 72, 0), 1);
  EXPECT_EQ(std::count(example.group_notes.begin(), example.group_notes.end(), 1), 2);
}

TEST(TrainConfig, DataSetsAndTheirMixingAreRead) {
  json settings = testing::small_run("store");
  settings["data"].erase("stores");
  settings["data"]["set"] = {{{"name", "a"}, {"stores", {"a1", "a2"}}, {"weight", 0.4}}, {{"stores", {"b"}}}};
  settings["stems"] = {{"max_k", 5},          {"amplitude", {0.5, 1.0}}, {"weight_mode", "exact"},
                       {"keep_singing", 0.9}, {"pitch_shift", {-2, 2}},  {"pitch_shift_labels", false}};
  settings["production"] = {{"reverb", 0.3}, {"reverb_sec", {0.2, 0.4}}};
  const TrainConfig config = parse_train_config(settings);
  ASSERT_EQ(config.data.sets.size(), 2u);
  EXPECT_EQ(config.data.sets[0].stores.at(1), "a2");
  EXPECT_EQ(config.data.sets[0].weight, 0.4);
  EXPECT_EQ(config.stems.policy.max_k, 5);
  EXPECT_EQ(config.stems.policy.min_amplitude, 0.5);
  EXPECT_EQ(config.stems.policy.keep_singing, 0.9);
  EXPECT_EQ(config.stems.weight_mode, WeightMode::kExact);
  EXPECT_EQ(config.stems.pitch_shift.low, -2);
  EXPECT_FALSE(config.stems.pitch_shift.labels);
  EXPECT_EQ(config.stems.production.reverb, 0.3);
  EXPECT_EQ(config.production.reverb_sec.high, 0.4);

  settings["data"]["set"][1].erase("stores");
  EXPECT_NE(message_of([&] { parse_train_config(settings); }).find("names no 'stores'"), std::string::npos);
}

TEST(ExampleMaker, TaskAndDecoderMustAgree) {
  ModelConfig config = small_config().model;
  config.task = "mt3_full_plus";
  EXPECT_THROW(ExampleMaker{config}, Error);
}

Example example_of(std::size_t length) {
  Example example;
  example.tokens = {std::vector<std::int32_t>(length, 5)};
  example.frames = {std::vector<std::int32_t>(length, 2)};
  example.features.assign(6, static_cast<float>(length));
  example.annotated = {true};
  return example;
}

TEST(Batch, PadsLabelsWithZeroAndFramesWithNone) {
  const Example a = example_of(2), b = example_of(4);
  const Batch batch = stack(std::array{&a, &b}, 3);
  EXPECT_EQ(batch.features.sizes().vec(), (std::vector<std::int64_t>{2, 3, 2}));
  EXPECT_EQ(batch.labels[0][1].item<int>(), 5);
  EXPECT_EQ(batch.labels[0][2].item<int>(), 0);
  EXPECT_EQ(batch.frames[0][2].item<int>(), -1);
  EXPECT_EQ(batch.frames[1][3].item<int>(), 2);
  EXPECT_FALSE(batch.notes.defined());
}

TEST(Batch, ChannelsWithoutAnnotationHaveNoLabelsAndTheirSegmentsAreNotComplete) {
  Example a = example_of(2), b = example_of(2);
  for (Example* example : {&a, &b}) {
    example->tokens = {{5, 1}, {7, 1}};
    example->frames = {{0, -1}, {1, -1}};
  }
  a.annotated = {true, true};
  b.annotated = {false, true};
  const Batch batch = stack(std::array{&a, &b}, 3);
  EXPECT_TRUE(batch.labels.equal(at::tensor({5, 1, 7, 1, 0, 0, 7, 1}, at::kLong).view({4, 2}))) << batch.labels;
  EXPECT_EQ(batch.frames[2][0].item<int>(), -1);
  EXPECT_TRUE(batch.complete.equal(at::tensor({0}, at::kLong)));
  EXPECT_EQ(batch.n_complete(), 1);
}

TEST(ExampleMaker, MasksTheChannelsWhoseNotesAreNotAllKnown) {
  ModelConfig config = published_config("yptf-multi-ps");
  const std::vector<Note> notes = {{false, kSingingProgram, 0.5, 1.0, 60, 1}};
  const MixedSegment segment = {std::vector<float>(32767), notes, std::vector<int>{kSingingProgram, kDrumProgram}};
  std::vector<bool> expected(13, false);
  expected[11] = expected[12] = true;
  EXPECT_EQ(ExampleMaker(config).make(segment, TokenMode::kNotes).annotated, expected);
  EXPECT_TRUE(ExampleMaker(config, false).make(segment, TokenMode::kNotes).complete()) << "as the reference";
  // One channel for everything cannot be masked in part.
  EXPECT_EQ(ExampleMaker(small_config().model).make(segment, TokenMode::kNotes).annotated, std::vector<bool>{false});
}

TEST(Batch, PlanHoldsEveryExampleOnceAndBatchesAreOfLikeLength) {
  std::vector<Example> examples;
  for (std::size_t i = 0; i < 10; ++i) examples.push_back(example_of(1 + (i * 7) % 10));
  const auto plan = plan_batches(examples, 4, 1);
  EXPECT_EQ(plan, plan_batches(examples, 4, 1));
  std::vector<int> seen(10, 0);
  for (const auto& batch : plan) {
    std::size_t low = 100, high = 0;
    for (const std::size_t member : batch) {
      ++seen[member];
      low = std::min(low, examples[member].longest());
      high = std::max(high, examples[member].longest());
    }
    EXPECT_LT(high - low, 4u);
  }
  EXPECT_EQ(seen, std::vector<int>(10, 1));
  const std::vector<std::size_t> members = {4, 7, 9};
  EXPECT_EQ(deal(members, 2), (std::vector<std::vector<std::size_t>>{{4, 9}, {7}}));
}

TEST(Loader, GivesGroupsInOrderWhateverTheThreads) {
  for (const int threads : {1, 4}) {
    Loader loader(
        [](std::uint64_t group) {
          return Loader::Request{group, 0, 5};
        },
        [](const Loader::Request& group, std::size_t item) {
          return std::vector<Example>{example_of(group.index * 10 + 2 * item),
                                      example_of(group.index * 10 + 2 * item + 1)};
        },
        threads, 2, 3);
    for (std::uint64_t group = 3; group < 9; ++group) {
      const Loader::Group made = loader.next();
      EXPECT_EQ(made.request.index, group);
      for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(made.examples.at(i).longest(), group * 10 + i);
    }
  }
}

TEST(Loader, HandsOnWhatGoesWrongInItsThreads) {
  Loader loader(
      [](std::uint64_t group) {
        return Loader::Request{group, 0, 3};
      },
      [](const Loader::Request&, std::size_t) -> std::vector<Example> { throw std::runtime_error("broken stem"); }, 2,
      2);
  EXPECT_THROW(loader.next(), std::runtime_error);
}

TEST(Schedule, ElapsedWarmsUpAndFallsToItsShare) {
  ScheduleOptions schedule;
  schedule.lr = 1;
  schedule.warmup_steps = 10;
  schedule.final_share = 0.02;
  schedule.duration_minutes = 2;
  EXPECT_NEAR(learning_rate(schedule, 0, 0), 0.1, 1e-12);
  EXPECT_NEAR(learning_rate(schedule, 100, 0), 1, 1e-12);
  EXPECT_NEAR(learning_rate(schedule, 100, 0.5), 0.51, 1e-12);
  EXPECT_NEAR(learning_rate(schedule, 100, 1), 0.02, 1e-12);
  EXPECT_NEAR(run_progress(schedule, 0, 60), 0.5, 1e-12);
  EXPECT_EQ(run_progress(schedule, 0, 600), 1);
  schedule.duration_minutes = 0;
  schedule.total_steps = 40;
  EXPECT_NEAR(run_progress(schedule, 10, 600), 0.25, 1e-12);
}

TEST(Schedule, PhasesFollowTheirShares) {
  std::vector<PhaseOptions> phases(3);
  phases[0].share = 1, phases[1].share = 2, phases[2].share = 1;
  EXPECT_EQ(phase_at(phases, 0), 0);
  EXPECT_EQ(phase_at(phases, 0.24), 0);
  EXPECT_EQ(phase_at(phases, 0.26), 1);
  EXPECT_EQ(phase_at(phases, 0.76), 2);
  EXPECT_EQ(phase_at(phases, 1), 2);
}

TEST(OnsetScore, CountsPeaksNearTargetsOnce) {
  at::Tensor logits = at::full({1, 20, 2}, -5.0), targets = at::zeros({1, 20, 2});
  targets[0][5][0] = 1;
  targets[0][12][0] = 1;
  logits[0][6][0] = 3;   // Within the tolerance.
  logits[0][7][0] = 2;   // Beside the peak.
  logits[0][18][0] = 1;  // Nothing there.
  logits[0][3][1] = -1;  // Below the threshold.
  const OnsetScore score = score_onsets(logits, targets, 0, 2);
  EXPECT_EQ(score.matched, 1);
  EXPECT_EQ(score.estimated, 2);
  EXPECT_EQ(score.reference, 2);
  EXPECT_NEAR(score.f1(), 0.5, 1e-12);
  EXPECT_EQ(OnsetScore{}.f1(), 0);
}

TEST(GuidedAttention, RewardsMassAtTheWantedFrame) {
  at::Tensor attention = at::zeros({1, 3, 10});
  attention[0][0][4] = 1.0;
  attention[0][1][0] = 0.5, attention[0][1][9] = 0.5;
  attention[0][2][7] = 1.0;
  const at::Tensor frames = at::tensor({5, 1, -1}, at::kLong).unsqueeze(0);
  const at::Tensor mass = mass_at_frames(attention, frames, 1);
  EXPECT_NEAR(mass[0][0].item<double>(), 1, 1e-6);
  EXPECT_NEAR(mass[0][1].item<double>(), 0.5, 1e-6);
  EXPECT_NEAR(mass[0][2].item<double>(), 1, 1e-6) << "no frame is wanted there";
  EXPECT_NEAR(guided_attention_sum({attention}, frames, 1).item<double>(), std::log(2.0), 1e-6);
}

TEST(BinaryCrossEntropy, WeighsOnes) {
  const at::Tensor logits = at::zeros({2}), targets = at::tensor({0.f, 1.f});
  EXPECT_NEAR(binary_cross_entropy_sum(logits, targets, 5).item<double>(), 6 * std::log(2.0), 1e-6);
}

}  // namespace
}  // namespace yourmt3
