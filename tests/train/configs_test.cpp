// The configurations that come with the program.

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "model/model_config.h"
#include "settings/toml_json.h"
#include "train/train_config.h"

namespace yourmt3 {
namespace {

const std::filesystem::path kConfigs = YOURMT3_CONFIGS_DIR;

TEST(Configurations, AllCanBeRead) {
  int n = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kConfigs)) {
    if (entry.path().extension() != ".toml") continue;
    SCOPED_TRACE(entry.path().string());
    ++n;
    // Reading also checks the model.
    EXPECT_NO_THROW(parse_train_config(read_toml(entry.path()))) << entry.path();
  }
  EXPECT_GE(n, 6);
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
