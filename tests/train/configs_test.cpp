// The configurations that come with the program.

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "model/model_config.h"
#include "settings/merge_settings.h"
#include "settings/toml_json.h"
#include "train/train_config.h"

namespace yourmt3 {
namespace {

const std::filesystem::path kConfigs = YOURMT3_CONFIGS_DIR;

std::vector<std::filesystem::path> configs_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  return files;
}

TEST(Configurations, AllCanBeRead) {
  int n = 0;
  for (const std::filesystem::path& folder : {kConfigs, kConfigs / "default", kConfigs / "published"}) {
    for (const auto& file : configs_in(folder)) {
      ++n;
      // Reading also checks the model.
      EXPECT_NO_THROW(parse_train_config(read_toml(file))) << file;
    }
  }
  EXPECT_GE(n, 6);
}

TEST(Configurations, StagesGoOnFromTheFirst) {
  int n = 0;
  for (const auto& stage : configs_in(kConfigs / "default/stages")) {
    ++n;
    const std::filesystem::path files[] = {kConfigs / "default/onset_v1.toml", stage};
    const TrainConfig config = parse_train_config(read_merged_toml(files));
    const TrainConfig first = parse_train_config(read_toml(files[0]));
    EXPECT_LT(config.schedule.lr, first.schedule.lr) << stage;
    EXPECT_EQ(config.model.encoder.d_model, first.model.encoder.d_model) << stage;
  }
  EXPECT_GE(n, 1);
}

TEST(Configurations, EveryMixGoesWithANetwork) {
  int n = 0;
  for (const auto& mix : configs_in(kConfigs / "mixes")) {
    SCOPED_TRACE(mix.string());
    ++n;
    const std::filesystem::path files[] = {kConfigs / "published/ymt3plus.toml", mix};
    const TrainConfig config = parse_train_config(read_merged_toml(files));
    const nlohmann::json alone = read_toml(mix);
    // Nothing but data sets is in the file, and of the network's file none is left.
    EXPECT_EQ(alone.size(), 1u);
    EXPECT_EQ(alone.at("data").size(), 1u);
    ASSERT_EQ(config.data.sets.size(), alone.at("data").at("set").size());
    EXPECT_EQ(config.data.sets[0].name, alone.at("data").at("set")[0].at("name"));
    for (const StemDataSet& set : config.data.sets) EXPECT_FALSE(set.splits.empty()) << set.name;
  }
  EXPECT_EQ(n, 35);
}

TEST(Configurations, PublishedOnesHaveTheMixesOfTheirNames) {
  const std::pair<const char*, const char*> mix_of[] = {{"ymt3plus", "all_cross_v6"},
                                                        {"yptf-single-nops", "all_cross_rebal5"},
                                                        {"yptf-multi-ps", "all_cross_v6"},
                                                        {"yptf-moe-multi-nops", "all_cross_v7"},
                                                        {"yptf-moe-multi-ps", "all_cross_v7"}};
  for (const auto& [network, mix] : mix_of) {
    EXPECT_EQ(read_toml(kConfigs / "published" / (std::string(network) + ".toml")).at("data").at("set"),
              read_toml(kConfigs / "mixes" / (std::string(mix) + ".toml")).at("data").at("set"))
        << network;
  }
}

TEST(Configurations, EveryPublishedVariantHasItsOwn) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs / "published")) {
    const std::string name = entry.path().stem();
    SCOPED_TRACE(name);
    found.insert(name);
    const TrainConfig config = parse_train_config(read_toml(entry.path()));
    EXPECT_EQ(nlohmann::json(config.model), nlohmann::json(published_config(name)));
    // What is common to all of them, from the paper and the program's defaults.
    EXPECT_EQ(config.optimizer.kind, OptimizerOptions::Kind::kAdamWScale);
    EXPECT_EQ(config.optimizer.eps, 1e-6);
    EXPECT_EQ(config.optimizer.beta2, 0.999);
    EXPECT_EQ(config.optimizer.weight_decay, 0);
    EXPECT_EQ(config.optimizer.clip_norm, 1);
    EXPECT_EQ(config.schedule.kind, ScheduleOptions::Kind::kCosine);
    EXPECT_EQ(config.schedule.lr, 1e-2);
    EXPECT_EQ(config.schedule.warmup_steps, 1000);
    EXPECT_EQ(config.schedule.final_lr, 1e-5);
    EXPECT_EQ(config.loss.auxiliary, 0);
    EXPECT_EQ(config.loss.guided_attention, 0);
    // One sampler for each bundle of a batch, and no bundle is cut.
    EXPECT_EQ(config.stems.bundle * config.stems.samplers, config.batch.size);
    EXPECT_GE(config.data.sets.size(), 8u);
    const bool shifts = name.ends_with("-ps");
    EXPECT_EQ(config.stems.pitch_shift.low, shifts ? -2 : 0);
    EXPECT_EQ(config.stems.pitch_shift.high, shifts ? 2 : 0);
  }
  EXPECT_EQ(found, std::set<std::string>(published_variants().begin(), published_variants().end()));
}

TEST(Configurations, MisspeltFieldsAreErrors) {
  nlohmann::json document = read_toml(kConfigs / "published/ymt3plus.toml");
  document["optimizer"]["weigth_decay"] = 0.1;
  EXPECT_ANY_THROW(parse_train_config(document));
  document = read_toml(kConfigs / "published/ymt3plus.toml");
  document["model"] = "yptf-nowhere";
  EXPECT_ANY_THROW(parse_train_config(document));
}

TEST(Configurations, OptimizersTakeGroupsAndRefuseNonsense) {
  const OptimizerOptions options = parse_optimizer(parse_toml(R"(
kind = "adafactor"
relative_step = true
no_decay = ["*.bias"]
[[groups]]
names = ["decoder.*", "pre_decoder.*"]
lr_scale = 0.1
[[groups]]
names = ["encoder.*"]
weight_decay = 0.0
)",
                                                              "groups"));
  EXPECT_EQ(options.kind, OptimizerOptions::Kind::kAdafactor);
  EXPECT_TRUE(options.relative_step);
  EXPECT_EQ(options.no_decay, std::vector<std::string>{"*.bias"});
  ASSERT_EQ(options.groups.size(), 2u);
  EXPECT_EQ(options.groups[0].names.size(), 2u);
  EXPECT_EQ(options.groups[0].lr_scale, 0.1);
  EXPECT_FALSE(options.groups[0].weight_decay.has_value());
  EXPECT_EQ(options.groups[1].lr_scale, 1);
  EXPECT_EQ(options.groups[1].weight_decay, 0.0);
  for (const char* wrong : {"kind = \"sgd\"", "beta1 = 1.5", "clip_threshold = 0", "decay_rate = 0.8", "groups = 3",
                            "[[groups]]\nlr_scale = 1.0", "[[groups]]\nnames = [\"x\"]\nlr = 1.0"}) {
    EXPECT_ANY_THROW(parse_optimizer(parse_toml(wrong, "wrong"))) << wrong;
  }
}

}  // namespace
}  // namespace yourmt3
