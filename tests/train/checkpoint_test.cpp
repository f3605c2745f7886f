// What a checkpoint keeps of each kind of optimizer.

#include "train/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "small_run.h"
#include "support/torch_tensors.h"
#include "torchnet/initialise.h"
#include "train/train_config.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using Kind = OptimizerOptions::Kind;

/// A network with its optimizer and averages, as a run has them.
struct Learner {
  explicit Learner(Kind kind, std::uint64_t seed) : network(parse_train_config(testing::small_run("unused")).model) {
    initialise(network, seed);
    std::vector<NamedParameter> parameters;
    for (const auto& entry : network.named_parameters()) {
      if (entry.value().requires_grad()) parameters.push_back({entry.key(), entry.value()});
    }
    OptimizerOptions options;
    options.kind = kind;
    optimizer.emplace(parameters, options);
    average.emplace(parameters, 0.9);
  }

  void learn(int n_updates) {
    WorkerTeam team(1);
    for (int n = 0; n < n_updates; ++n) {
      std::vector<at::Tensor> gradients;
      for (const NamedParameter& parameter : optimizer->parameters()) {
        const at::Tensor values = parameter.tensor.detach();
        gradients.push_back((values * 3).cos() + 0.1 * n);
      }
      gradients[1] = at::Tensor();  // A part of the network that had nothing to do.
      optimizer->step(gradients, 1e-2, 1, team);
      average->update();
    }
  }

  Network network;
  std::optional<Optimizer> optimizer;
  std::optional<WeightAverage> average;
};

class Checkpoint : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::filesystem::path path_ = folder_ / "checkpoint.safetensors";
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(Checkpoint, LearningGoesOnExactlyWithEveryOptimizer) {
  for (const Kind kind : {Kind::kAdamW, Kind::kAdamWScale, Kind::kAdafactor}) {
    SCOPED_TRACE(static_cast<int>(kind));
    Learner whole(kind, 1), resumed(kind, 2);
    whole.learn(3);
    RunState state;
    state.step = 3;
    save_checkpoint(path_, whole.network, *whole.optimizer, state, "{}", &*whole.average);
    EXPECT_EQ(load_checkpoint(path_, resumed.network, *resumed.optimizer, &*resumed.average).step, 3);
    whole.learn(2);
    resumed.learn(2);
    EXPECT_EQ(resumed.optimizer->states()[0].step, 5);
    EXPECT_EQ(resumed.optimizer->states()[1].step, 0);
    EXPECT_EQ(resumed.average->updates(), 5);
    for (std::size_t i = 0; i < whole.optimizer->parameters().size(); ++i) {
      const NamedParameter& parameter = whole.optimizer->parameters()[i];
      testing::expect_near(resumed.optimizer->parameters()[i].tensor.detach(), parameter.tensor.detach(), 0,
                           parameter.name);
      testing::expect_near(resumed.average->averages()[i].tensor, whole.average->averages()[i].tensor, 0,
                           "average of " + parameter.name);
      for (const auto& [name, tensor] : whole.optimizer->states()[i].tensors) {
        testing::expect_near(resumed.optimizer->states()[i].tensors.at(name), tensor, 0, name);
      }
    }
  }
}

TEST_F(Checkpoint, AnotherKindOfOptimizerIsAnErrorThatNamesATensor) {
  Learner saved(Kind::kAdamW, 1), other(Kind::kAdafactor, 1);
  save_checkpoint(path_, saved.network, *saved.optimizer, {}, "{}");
  try {
    load_checkpoint(path_, other.network, *other.optimizer);
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kMalformed);
    EXPECT_NE(std::string(error.what()).find("optimizer."), std::string::npos) << error.what();
  }
  EXPECT_THROW(load_checkpoint(path_, saved.network, *saved.optimizer, &*saved.average), Error);
}

}  // namespace
}  // namespace yourmt3
