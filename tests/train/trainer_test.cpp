#include "train/trainer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/weights.h"
#include "small_run.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

class Trainer : public ::testing::Test {
 protected:
  Trainer() : store_(folder_ / "store") { testing::write_sine_store(store_); }

  /// Trains for `steps` updates and returns the lines of metrics.
  std::vector<json> run(const std::string& name, json settings, std::int64_t steps, bool resume = false,
                        const std::filesystem::path& init = {}) {
    TrainerOptions options;
    options.folder = folder_ / name;
    options.max_steps = steps;
    options.resume = resume;
    options.init_model = init;
    const std::atomic<bool> stop = false;
    train(parse_train_config(settings), settings.dump(), options, stop, {});
    std::vector<json> lines;
    std::ifstream file(options.folder / "metrics.jsonl");
    for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
    return lines;
  }

  Weights weights(const std::string& name) const { return load_model(folder_ / name / "model.safetensors").weights; }

  static void expect_same_weights(const Weights& a, const Weights& b) {
    ASSERT_EQ(a.tensors.size(), b.tensors.size());
    for (const auto& [name, tensor] : a.tensors) EXPECT_EQ(tensor.to_f32(), b.tensors.at(name).to_f32()) << name;
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path store_;
};

TEST_F(Trainer, TheLossFallsAndTheModelCanBeLoaded) {
  json settings = testing::small_run(store_);
  settings["schedule"]["lr"] = 5e-3;
  settings["run"]["log_steps"] = 10;
  const auto lines = run("a", settings, 60);
  std::vector<double> losses;
  for (const json& line : lines) {
    if (line.at("kind") == "train") losses.push_back(line.at("loss").get<double>());
  }
  ASSERT_EQ(losses.size(), 6u);
  EXPECT_NEAR(losses.front(), std::log(598), 2.0);
  EXPECT_LT(losses.back(), losses.front() - 1);
  const Model model = load_model(folder_ / "a" / "model.safetensors");
  EXPECT_EQ(model.config.task, "onset_v1");
  EXPECT_EQ(model.weights.metadata.at("training.steps"), "60");
}

TEST_F(Trainer, AnInterruptedRunThatResumesEndsWhereAnUnbrokenOneDoes) {
  const json settings = testing::small_run(store_);
  run("whole", settings, 7);
  run("parts", settings, 3);
  const auto lines = run("parts", settings, 4, true);
  EXPECT_EQ(lines.back().at("step"), 6);
  expect_same_weights(weights("whole"), weights("parts"));
}

TEST_F(Trainer, TheNumberOfLoaderThreadsChangesNothing) {
  json settings = testing::small_run(store_);
  run("one", settings, 5);
  settings["loader"]["threads"] = 3;
  run("three", settings, 5);
  expect_same_weights(weights("one"), weights("three"));
}

TEST_F(Trainer, AnotherNumberOfWorkersChangesNoMoreThanRounding) {
  json settings = testing::small_run(store_);
  const auto two = run("two", settings, 2);
  settings["run"]["workers"] = 1;
  const auto one = run("one", settings, 2);
  // Loss and norm of two updates: float32 sums in another order.
  EXPECT_NEAR(one.back().at("loss").get<double>(), two.back().at("loss").get<double>(), 1e-4);
  EXPECT_NEAR(one.back().at("gradient_norm").get<double>(), two.back().at("gradient_norm").get<double>(), 1e-2);
}

TEST_F(Trainer, BeginsWithTheWeightsOfAModelFile) {
  json settings = testing::small_run(store_);
  run("a", settings, 4);
  settings["schedule"]["lr"] = 0.0;
  settings["run"]["seed"] = 99;
  run("b", settings, 1, false, folder_ / "a" / "model.safetensors");
  expect_same_weights(weights("a"), weights("b"));
}

TEST_F(Trainer, TranscribesHeldOutTracksAndKeepsTheBestModels) {
  json settings = testing::small_run(store_);
  settings["run"]["validation_tracks"] = 1;
  settings["run"]["validation_steps"] = 2;
  settings["run"]["keep_best"] = 2;
  const auto lines = run("a", settings, 6);
  int scored = 0;
  for (const json& line : lines) {
    if (line.at("kind") != "validation") continue;
    ++scored;
    for (const char* name : {"onset_f", "frame_f"}) {
      EXPECT_GE(line.at(name).get<double>(), 0) << name;
      EXPECT_LE(line.at(name).get<double>(), 1) << name;
    }
    EXPECT_FALSE(line.contains("onset_f_drum")) << "no drum was there to be heard";
  }
  EXPECT_EQ(scored, 3);
  int kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "a" / "best")) {
    load_model(entry.path());
    ++kept;
  }
  EXPECT_EQ(kept, 2);
}

TEST_F(Trainer, AveragedWeightsSurviveAnInterruption) {
  json settings = testing::small_run(store_);
  settings["run"]["average_decay"] = 0.9;
  run("whole", settings, 7);
  run("parts", settings, 3);
  run("parts", settings, 4, true);
  expect_same_weights(weights("whole"), weights("parts"));
  settings["run"]["average_decay"] = 0.0;
  run("last", settings, 7);
  EXPECT_NE(weights("whole").tensors.at("lm_head.lm_head.weight").to_f32(),
            weights("last").tensors.at("lm_head.lm_head.weight").to_f32());
}

TEST_F(Trainer, DropoutFollowsFromTheSeedAlone) {
  json settings = testing::small_run(store_);
  settings["model"]["encoder"]["dropout"] = settings["model"]["decoder"]["dropout"] = 0.2;
  run("whole", settings, 6);
  run("parts", settings, 2);
  run("parts", settings, 4, true);
  expect_same_weights(weights("whole"), weights("parts"));
}

TEST_F(Trainer, AccumulatedBatchesAreOneLargeBatch) {
  json settings = testing::small_run(store_);
  settings["batch"] = {{"size", 4}, {"group_batches", 1}};
  const auto large = run("large", settings, 2);
  settings["batch"] = {{"size", 2}, {"group_batches", 1}, {"accumulate", 2}};
  const auto parts = run("parts", settings, 2);
  EXPECT_EQ(parts.back().at("segments"), 8);
  // float32 sums in another order.
  EXPECT_NEAR(large.back().at("loss").get<double>(), parts.back().at("loss").get<double>(), 1e-4);
  EXPECT_NEAR(large.back().at("gradient_norm").get<double>(), parts.back().at("gradient_norm").get<double>(), 1e-2);
}

TEST_F(Trainer, ReplayedDataTakesItsShare) {
  json settings = testing::small_run(store_);
  const auto other = folder_ / "other";
  testing::write_sine_store(other);
  settings["data"]["replay"] = {{"stores", {other.string()}}, {"share", 1.0}};
  const auto replayed = run("replayed", settings, 2);
  settings["data"].erase("replay");
  const auto plain = run("plain", settings, 2);
  // The other store is a copy, so that the segments are the same whichever they come from.
  EXPECT_EQ(replayed.back().at("loss"), plain.back().at("loss"));
  settings["data"]["replay"] = {{"stores", {(folder_ / "missing").string()}}};
  EXPECT_THROW(run("missing", settings, 1), Error);
}

TEST_F(Trainer, MixesStemsOfDataSetsAsTheReferenceDoes) {
  json settings = testing::small_run(store_);
  settings["data"].erase("stores");
  settings["data"]["set"] = {{{"name", "sines"}, {"stores", {store_.string()}}, {"weight", 1.0}}};
  settings["stems"] = {{"bundle", 2}, {"max_k", 1}, {"pitch_shift", {-1, 1}}};
  run("whole", settings, 5);
  run("parts", settings, 2);
  settings["loader"]["threads"] = 3;
  run("parts", settings, 3, true);
  expect_same_weights(weights("whole"), weights("parts"));

  settings["stems"]["bundle"] = 3;
  EXPECT_THROW(run("uneven", settings, 1), Error) << "four segments of a group cannot be drawn three by three";
}

TEST_F(Trainer, HoldsOutWhatEachDataSetNames) {
  json settings = testing::small_run(store_);
  settings["data"]["stores"] = json::array();
  settings["data"]["validation_split"] = "nowhere";
  const json all = {{"name", "all"},
                    {"stores", {store_.string()}},
                    {"split", {"train", "validation"}},
                    {"validation_split", json::array()}};
  settings["data"]["set"] = {all,
                             {{"name", "sines"}, {"stores", {store_.string()}}, {"validation_split", "validation"}}};
  settings["stems"] = {{"bundle", 2}};
  settings["run"]["validation_steps"] = 2;
  settings["run"]["validation_segments"] = 2;
  settings["run"]["validation_tracks"] = 3;
  EXPECT_EQ(run("a", settings, 2).back().at("kind"), "validation");
  const auto message = [&] {
    try {
      run("b", settings, 1);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  settings["data"]["set"] = {all};
  EXPECT_NE(message().find("no data set has a validation_split"), std::string::npos) << message();
  settings["data"]["set"][0].erase("validation_split");
  EXPECT_NE(message().find("'all' has no tracks of split 'nowhere'"), std::string::npos) << message();
}

TEST_F(Trainer, FrozenPartsStayAndLowRankDifferencesAreMerged) {
  json settings = testing::small_run(store_);
  settings["schedule"]["lr"] = 1e-2;
  run("base", settings, 3);
  const auto base = folder_ / "base" / "model.safetensors";
  settings["fine_tune"]["frozen"] = {"encoder.*", "pre_encoder.*"};
  run("frozen", settings, 3, false, base);
  const std::string encoder = "encoder.encoder.block.0.layer.0.SelfAttention.o.weight", head = "lm_head.lm_head.weight";
  EXPECT_EQ(weights("frozen").tensors.at(encoder).to_f32(), weights("base").tensors.at(encoder).to_f32());
  EXPECT_NE(weights("frozen").tensors.at(head).to_f32(), weights("base").tensors.at(head).to_f32());

  settings["fine_tune"] = {{"lora", {{"rank", 2}, {"patterns", {"decoder.*"}}}}};
  run("lora", settings, 4, false, base);
  run("parts", settings, 2, false, base);
  run("parts", settings, 2, true, base);
  expect_same_weights(weights("lora"), weights("parts"));
  const std::string decoder = "decoder.decoder.block.0.layer.0.SelfAttention.o.weight";
  EXPECT_NE(weights("lora").tensors.at(decoder).to_f32(), weights("base").tensors.at(decoder).to_f32());
  EXPECT_EQ(weights("lora").tensors.at(head).to_f32(), weights("base").tensors.at(head).to_f32());

  settings["fine_tune"] = {{"frozen", {"encodr.*"}}};
  EXPECT_THROW(run("misspelt", settings, 1, false, base), Error);
}

TEST_F(Trainer, TheGroupHeadAndExpertsTrainAndAreReported) {
  json settings = testing::small_run(store_);
  settings["model"]["auxiliary"]["group_notes"] = 4;
  settings["model"]["decoder"]["feed_forward"] = "moe";
  settings["model"]["decoder"]["n_experts"] = 4;
  settings["loss"]["balance"] = 0.01;
  const auto lines = run("a", settings, 4);
  const json& experts = lines.front().at("experts");
  ASSERT_EQ(experts.size(), 1u);
  double sum = 0;
  for (const json& share : experts.begin().value()) sum += share.get<double>();
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST_F(Trainer, DataWithoutHeldOutTracksIsAnErrorThatSaysHowToDoWithout) {
  json settings = testing::small_run(store_);
  settings["data"]["validation_split"] = "test";
  try {
    run("a", settings, 1);
    FAIL() << "there is no such split";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'test'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("run.validation_segments=0"), std::string::npos) << error.what();
  }
  settings["run"]["validation_segments"] = 0;
  EXPECT_EQ(run("b", settings, 2).size(), 1u);
}

TEST_F(Trainer, ADeviceThatIsNoneOrIsNotThereIsRefused) {
  json settings = testing::small_run(store_);
  const auto message = [&](const std::string& device) -> std::string {
    settings["run"]["device"] = device;
    try {
      run("a", settings, 1);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(message("gpu").find("'gpu', expected \"cpu\""), std::string::npos);
  // Where there are GPUs, there are hardly a thousand.
  EXPECT_NE(message("cuda:999"), "no error");
}

TEST_F(Trainer, StopsWhenTheLossDiverges) {
  json settings = testing::small_run(store_);
  settings["run"]["log_steps"] = 1;
  settings["run"]["divergence"] = 0.01;
  settings["schedule"] = {{"kind", "constant"}, {"lr", 0.3}, {"total_steps", 1000}};
  try {
    run("a", settings, 200);
    FAIL() << "0.01 nats are less than one update changes at such a rate";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("run.divergence"), std::string::npos) << error.what();
  }
}

TEST_F(Trainer, ComposesItsOwnDataOnce) {
  json settings = testing::small_run(store_);
  settings["data"].erase("stores");
  settings["data"]["compose"] = {{"tracks", 3}, {"validation_tracks", 1}, {"seconds", 6}};
  run("a", settings, 2);
  const auto index = folder_ / "a" / "data" / "index.jsonl";
  const auto before = std::filesystem::last_write_time(index);
  run("a", settings, 2, true);
  EXPECT_EQ(std::filesystem::last_write_time(index), before);
}

TEST_F(Trainer, RefusesToOverwriteARunAndToResumeFromNothing) {
  const json settings = testing::small_run(store_);
  EXPECT_THROW(run("a", settings, 1, true), Error);
  run("a", settings, 1);
  EXPECT_THROW(run("a", settings, 1), Error);
}

TEST_F(Trainer, StopsWhenTheLossIsNoNumberAndKeepsTheCheckpoint) {
  json settings = testing::small_run(store_);
  run("a", settings, 2);
  const auto before = std::filesystem::last_write_time(folder_ / "a" / "checkpoint.safetensors");
  settings["schedule"]["lr"] = 1e3;
  settings["schedule"]["warmup_steps"] = 0;
  settings["optimizer"]["clip_norm"] = 0.0;
  settings["loss"]["auxiliary"] = 1e6;
  try {
    run("a", settings, 300, true);
    GTEST_SKIP() << "this processor survived a rate of 1000";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the last checkpoint is kept"), std::string::npos) << error.what();
    EXPECT_EQ(std::filesystem::last_write_time(folder_ / "a" / "checkpoint.safetensors"), before);
  }
}

TEST_F(Trainer, SavesWhenAskedToStop) {
  const json settings = testing::small_run(store_);
  TrainerOptions options;
  options.folder = folder_ / "a";
  const std::atomic<bool> stop = true;
  train(parse_train_config(settings), settings.dump(), options, stop, {});
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a" / "checkpoint.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "a" / "model.safetensors"));
}

}  // namespace
}  // namespace yourmt3
