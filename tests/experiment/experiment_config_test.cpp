#include "experiment/experiment_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "experiment/overlay.h"
#include "model/model_config.h"
#include "prepare/data_sets.h"
#include "settings/toml_json.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json toml(const std::string& text) {
  return parse_toml(text, "test");
}

std::string failure(const std::string& text, const std::string& scale = "small") {
  try {
    parse_experiment(toml(text), "test", ".", scale);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

/// An experiment without anything to train.
const std::string kExamine = R"(
title = "T"
question = "Q?"
[[variant]]
name = "a"
model = "a.safetensors"
[[data]]
name = "d"
stores = ["x"]
)";

TEST(Overlay, MergesTablesAndNamedListsAndReplacesTheRest) {
  json target = toml(R"(
a = 1
list = [1, 2]
[t]
x = 1
y = 2
[[v]]
name = "one"
k = 1
[[v]]
name = "two"
)");
  overlay(target, toml(R"(
list = [3]
[t]
y = 3
[[v]]
name = "one"
j = 2
[[v]]
name = "three"
)"));
  EXPECT_EQ(target.at("a"), 1);
  EXPECT_EQ(target.at("list"), json({3}));
  EXPECT_EQ(target.at("t"), json({{"x", 1}, {"y", 3}}));
  ASSERT_EQ(target.at("v").size(), 3u);
  EXPECT_EQ(target.at("v")[0], json({{"name", "one"}, {"k", 1}, {"j", 2}}));
  EXPECT_EQ(target.at("v")[2].at("name"), "three");
}

TEST(Overlay, APublishedNetworkBecomesItsSettings) {
  json target = {{"model", "yptf-moe-multi-nops"}};
  overlay(target, {{"model", {{"encoder", {{"n_experts", 4}}}}}});
  ModelConfig expected = published_config("yptf-moe-multi-nops");
  expected.encoder.n_experts = 4;
  EXPECT_EQ(target.at("model").get<ModelConfig>(), expected);
  overlay(target, {{"model", "ymt3plus"}});
  EXPECT_EQ(target.at("model"), "ymt3plus");
}

TEST(ExperimentConfig, TheSizeIsLaidOverTheRest) {
  const std::string text = kExamine + R"(
[evaluate]
tracks = 3
[small.evaluate]
seconds = 7
[full]
seeds = [4, 5]
[full.evaluate]
tracks = 9
)";
  const Experiment small = parse_experiment(toml(text), "test", ".", "small");
  EXPECT_EQ(small.evaluation.tracks, 3);
  EXPECT_EQ(small.evaluation.seconds, 7);
  EXPECT_THAT(small.seeds, ElementsAre(1));
  const Experiment full = parse_experiment(toml(text), "test", ".", "full", {"evaluate.tracks=11"});
  EXPECT_EQ(full.evaluation.tracks, 11) << "settings come last";
  EXPECT_THAT(full.seeds, ElementsAre(4, 5));
  EXPECT_NE(config_hash(small.document), config_hash(full.document));
  const Experiment reworded =
      parse_experiment(toml(text), "test", ".", "small", {"title=U", "report.can_conclude=[\"It works.\"]"});
  EXPECT_EQ(config_hash(small.document), config_hash(reworded.document)) << "words are no settings";
}

TEST(ExperimentConfig, AVariantHasWhatItSaysAndTheDataOfItsName) {
  const auto file = std::filesystem::path(YOURMT3_EXPERIMENTS_DIR) / "combinations.toml";
  const Experiment experiment = parse_experiment(read_toml(file), "combinations", file.parent_path(), "small");
  ASSERT_EQ(experiment.variants.size(), 3u);
  const json apart = variant_config(experiment, experiment.variants[0], 7, "data");
  const json together = variant_config(experiment, experiment.variants[2], 7, "data");
  EXPECT_EQ(apart.at("stems").at("max_k"), 0);
  ASSERT_EQ(apart.at("data").at("set").size(), 1u);
  EXPECT_EQ(apart.at("data").at("set")[0].at("stores")[0], "data/seen");
  EXPECT_EQ(together.at("data").at("set").size(), 2u);
  EXPECT_EQ(apart.at("data").at("seed"), 7);
  EXPECT_EQ(apart.at("run").at("seed"), 7);
}

TEST(ExperimentConfig, MessagesSayWhere) {
  EXPECT_THAT(failure(kExamine + "[evalute]\n"), HasSubstr("'evalute'"));
  EXPECT_THAT(failure(kExamine + "[[data]]\nname = \"d\"\nstores = [\"y\"]\n"), HasSubstr("'d' is there twice"));
  EXPECT_THAT(failure(kExamine + "[[data]]\nname = \"e\"\n"), HasSubstr("'e' needs either"));
  EXPECT_THAT(failure(kExamine + "[[data]]\nname = \"../e\"\nstores = [\"y\"]\n"), HasSubstr("'../e'"));
  EXPECT_THAT(failure(kExamine + "[[evaluate.effect]]\nname = \"echo\"\nlevels = [1]\n"), HasSubstr("'echo'"));
  EXPECT_THAT(failure(kExamine + "[[variant]]\nname = \"b\"\n"), HasSubstr("variant 'b': the configuration has no"));
  EXPECT_THAT(failure(kExamine + "[[variant]]\nname = \"b\"\nmodel = \"b\"\ndata = [\"d\"]\n"),
              HasSubstr("is not trained"));
  EXPECT_THAT(failure(kExamine + "[[variant]]\nname = \"b\"\ndata = [\"z\"]\n"), HasSubstr("'z'"));
  EXPECT_THAT(failure(kExamine + "[base]\nfile = 3\n"), HasSubstr("base.file"));
  EXPECT_THAT(failure("title = \"T\"\n[[data]]\nname = \"d\"\nstores = [\"x\"]\n"), HasSubstr("[[variant]]"));
}

std::vector<std::string> shipped() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(YOURMT3_EXPERIMENTS_DIR)) {
    if (entry.path().extension() == ".toml") names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

/// A store is a folder with the name of a data set that can be prepared, and has the lists that are asked for.
void expect_prepared(const ExperimentData& data) {
  for (const std::filesystem::path store : data.stores) {
    EXPECT_EQ(store.parent_path(), "data");
    const DataSet* set = nullptr;
    ASSERT_NO_THROW(set = &data_set_named(store.filename().string()));
    std::vector<std::string> lists = data.splits;
    if (data.evaluate) lists.push_back(data.evaluate_split);
    for (const std::string& list : lists) {
      // `yourmt3 data ensembles` makes these of any split.
      if (list.ends_with("_seen") || list.ends_with("_unseen")) continue;
      EXPECT_THAT(set->lists(), ::testing::Contains(list)) << set->name();
    }
  }
}

class ShippedExperiment : public ::testing::TestWithParam<std::string> {};

TEST_P(ShippedExperiment, IsCompleteAtBothSizes) {
  const auto folder = std::filesystem::path(YOURMT3_EXPERIMENTS_DIR);
  for (const char* scale : {"small", "full"}) {
    const Experiment experiment =
        parse_experiment(read_toml(folder / (GetParam() + ".toml")), GetParam(), folder, scale);
    EXPECT_FALSE(experiment.title.empty());
    EXPECT_FALSE(experiment.question.empty());
    for (const ExperimentVariant& variant : experiment.variants) EXPECT_FALSE(variant.says.empty()) << variant.name;
    for (const ExperimentData& data : experiment.data) {
      EXPECT_EQ(data.compose.has_value(), std::string(scale) == "small") << "small needs no data, full no composer";
      expect_prepared(data);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedExperiment, ::testing::ValuesIn(shipped()),
                         [](const auto& test) { return test.param; });

TEST(ShippedExperiments, AreTheSevenOfTheDocumentation) {
  EXPECT_THAT(shipped(),
              ElementsAre("augmentation", "combinations", "cross_stem", "decoder", "encoder", "experts", "production"));
}

}  // namespace
}  // namespace yourmt3
