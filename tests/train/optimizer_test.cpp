// Adafactor against its formulas in float64, groups, both ways to update, averages of weights.

#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/name_pattern.h"
#include "support/torch_tensors.h"
#include "train/weight_average.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using Path = Optimizer::Path;
using Kind = OptimizerOptions::Kind;

at::Tensor random_tensor(const std::vector<std::int64_t>& shape, std::mt19937_64& random, double scale = 1) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  std::normal_distribution<double> normal(0, scale);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<float>()[i] = static_cast<float>(normal(random));
  return tensor;
}

/// Adafactor of one matrix (a vector is a matrix of one column that is not factored) in float64, index by index: the
/// second moment of element (i, j) is R_i C_j / sum(R), with R and C the moving sums over rows and columns.
class PlainAdafactor {
 public:
  PlainAdafactor(const at::Tensor& start, bool factored, const OptimizerOptions& options)
      : rows_(factored ? start.size(0) : start.numel()),
        columns_(factored ? start.size(1) : 1),
        factored_(factored),
        options_(options) {
    for (const float x : testing::to_vector(start)) weights_.push_back(x);
    row_.assign(static_cast<std::size_t>(rows_), 0);
    column_.assign(static_cast<std::size_t>(columns_), 0);
    full_.assign(weights_.size(), 0);
  }

  void step(const at::Tensor& gradient, double lr) {
    const std::vector<float> g = testing::to_vector(gradient);
    ++t_;
    const double decay = 1 - 1 / std::pow(t_, -options_.decay_rate);
    if (options_.relative_step) lr = std::min(options_.warmup_init ? t_ / 1e6 : 0.01, std::pow(t_, -0.5));
    const double size = options_.scale_parameter ? std::max(options_.parameter_floor, rms(weights_)) : 1;
    for (std::int64_t i = 0; i < rows_; ++i) row_[at(i)] *= decay;
    for (std::int64_t j = 0; j < columns_; ++j) column_[at(j)] *= decay;
    for (std::int64_t i = 0; i < rows_; ++i) {
      for (std::int64_t j = 0; j < columns_; ++j) {
        const double square = std::pow(static_cast<double>(g[at(i * columns_ + j)]), 2) + options_.squared_eps;
        row_[at(i)] += (1 - decay) * square;
        column_[at(j)] += (1 - decay) * square;
        full_[at(i * columns_ + j)] = decay * full_[at(i * columns_ + j)] + (1 - decay) * square;
      }
    }
    double total = 0;
    for (const double row : row_) total += row;
    std::vector<double> move(weights_.size());
    for (std::int64_t i = 0; i < rows_; ++i) {
      for (std::int64_t j = 0; j < columns_; ++j) {
        const std::size_t k = at(i * columns_ + j);
        const double variance = factored_ ? row_[at(i)] * column_[at(j)] / total : full_[k];
        move[k] = g[k] / std::sqrt(variance);
      }
    }
    const double limit = std::max(1.0, rms(move) / options_.clip_threshold);
    for (std::size_t k = 0; k < move.size(); ++k) {
      weights_[k] -= lr * size * options_.weight_decay * weights_[k];
      weights_[k] -= lr * size * move[k] / limit;
    }
  }

  const std::vector<double>& weights() const { return weights_; }

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  static double rms(const std::vector<double>& values) {
    double sum = 0;
    for (const double x : values) sum += x * x;
    return std::sqrt(sum / static_cast<double>(values.size()));
  }

  std::int64_t rows_, columns_;
  bool factored_;
  OptimizerOptions options_;
  double t_ = 0;
  std::vector<double> weights_, row_, column_, full_;
};

void expect_follows_formula(const OptimizerOptions& options, double lr) {
  std::mt19937_64 random(3);
  at::Tensor matrix = random_tensor({7, 5}, random, 0.4), vector = random_tensor({6}, random);
  PlainAdafactor plain_matrix(matrix, true, options), plain_vector(vector, false, options);
  Optimizer optimizer({{"matrix", matrix}, {"vector", vector}}, options);
  WorkerTeam team(1);
  for (int n = 0; n < 12; ++n) {
    // From tiny to large, so that the bound on the step holds in some updates and not in others.
    const double scale = std::pow(10.0, (n % 5) - 3);
    const std::vector<at::Tensor> gradients = {random_tensor({7, 5}, random, scale), random_tensor({6}, random, scale)};
    optimizer.step(gradients, lr, 1, team);
    plain_matrix.step(gradients[0], lr);
    plain_vector.step(gradients[1], lr);
    const auto compare = [&](const at::Tensor& found, const std::vector<double>& expected) {
      const std::vector<float> values = testing::to_vector(found);
      // Some ten roundings in each update, relative to weights of order 1.
      for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-6 * (n + 1)) << n;
    };
    compare(matrix, plain_matrix.weights());
    compare(vector, plain_vector.weights());
  }
}

OptimizerOptions adafactor() {
  OptimizerOptions options;
  options.kind = Kind::kAdafactor;
  options.weight_decay = 0;
  return options;
}

TEST(Adafactor, FollowsItsFormulaAtTheRateOfASchedule) {
  expect_follows_formula(adafactor(), 0.02);
}

TEST(Adafactor, FollowsItsFormulaAtItsOwnRate) {
  OptimizerOptions options = adafactor();
  options.relative_step = true;
  options.warmup_init = false;
  expect_follows_formula(options, 0);
}

TEST(Adafactor, FollowsItsFormulaWithDecayAndWithoutSizes) {
  OptimizerOptions options = adafactor();
  options.weight_decay = 0.1;
  options.decay_vectors = true;
  expect_follows_formula(options, 0.02);
  options.scale_parameter = false;
  options.clip_threshold = 0.5;
  options.decay_rate = -0.5;
  expect_follows_formula(options, 0.02);
}

TEST(Adafactor, FirstStepsAreAsComputedByHand) {
  // In the first update nothing is remembered, so a vector moves by the signs of its gradient: rms 1, no bound, and
  // 2 (root mean square of the tensor) * 0.1 each. In the second the past keeps 1 - 2^-0.8 = 0.42565: of squares 4 and
  // 1 that is 0.42565 * 4 + 0.57435 * 1 = 2.27695 for both, and the step is 1 / 1.50896 = 0.66271.
  at::Tensor vector = at::full({2}, 2.f), zeros = at::zeros({2});
  Optimizer optimizer({{"vector", vector}, {"zeros", zeros}}, adafactor());
  WorkerTeam team(1);
  const at::Tensor signs = at::tensor({1.f, -1.f});
  optimizer.step(std::vector<at::Tensor>{signs * 2, signs * 2}, 0.1, 1, team);
  testing::expect_near(vector, at::tensor({1.8f, 2.2f}), 1e-6, "after one");
  // What is zero moves as if its root mean square were 1e-3.
  testing::expect_near(zeros, signs * -1e-4f, 1e-10, "zeros after one");
  optimizer.step(std::vector<at::Tensor>{signs, at::Tensor()}, 0.1, 1, team);
  const double size = std::sqrt((1.8 * 1.8 + 2.2 * 2.2) / 2);  // 2.00998
  testing::expect_near(vector, at::tensor({1.8 - 0.0662713 * size, 2.2 + 0.0662713 * size}), 2e-6, "after two");
  EXPECT_EQ(optimizer.states()[1].step, 1);
}

TEST(Adafactor, FactorsAnOuterProductExactly) {
  // Squares of the gradient of rank one: the factors lose nothing and every element moves by lr * rms of the tensor.
  at::Tensor matrix = at::ones({2, 3});
  Optimizer optimizer({{"matrix", matrix}}, adafactor());
  WorkerTeam team(1);
  const at::Tensor gradient = at::tensor({1.f, 3.f}).unsqueeze(1) * at::tensor({1.f, -2.f, 5.f});
  optimizer.step(std::vector<at::Tensor>{gradient}, 0.01, 1, team);
  testing::expect_near(matrix, 1 - 0.01 * gradient.sign(), 1e-7, "matrix");
}

TEST(Adafactor, RemembersSumsOfRowsAndColumnsOnly) {
  at::Tensor convolution = at::zeros({4, 3, 5, 2}), vector = at::zeros({4});
  const Optimizer optimizer({{"convolution", convolution}, {"vector", vector}}, adafactor());
  const auto& factored = optimizer.states()[0].tensors;
  EXPECT_EQ(factored.at("row").sizes().vec(), (std::vector<std::int64_t>{4, 3, 5}));
  EXPECT_EQ(factored.at("column").sizes().vec(), (std::vector<std::int64_t>{4, 3, 2}));
  EXPECT_EQ(factored.size(), 2u);
  EXPECT_EQ(optimizer.states()[1].tensors.at("second").sizes().vec(), (std::vector<std::int64_t>{4}));
}

TEST(Adafactor, OwnRateRisesFromNothingAndFallsAsTheRoot) {
  EXPECT_DOUBLE_EQ(relative_step_size(1, true), 1e-6);
  EXPECT_DOUBLE_EQ(relative_step_size(5000, true), 5e-3);
  EXPECT_DOUBLE_EQ(relative_step_size(40000, true), 5e-3);
  EXPECT_DOUBLE_EQ(relative_step_size(1, false), 1e-2);
  EXPECT_DOUBLE_EQ(relative_step_size(1000000, false), 1e-3);
}

TEST(Optimizer, OperationsDoTheSameAsLoops) {
  for (const Kind kind : {Kind::kAdamW, Kind::kAdamWScale}) {
    OptimizerOptions options;
    options.kind = kind;
    options.weight_decay = 0.1;
    std::mt19937_64 random(5);
    std::vector<NamedParameter> loops, operations;
    for (const auto& shape : std::vector<std::vector<std::int64_t>>{{5, 7}, {3}, {2, 3, 4}}) {
      loops.push_back({"x", random_tensor(shape, random)});
      operations.push_back({"x", loops.back().tensor.clone()});
    }
    Optimizer with_loops(loops, options), with_operations(operations, options, Path::kOperations);
    WorkerTeam team(2);
    for (int n = 0; n < 5; ++n) {
      std::vector<at::Tensor> gradients;
      for (const NamedParameter& parameter : loops) {
        gradients.push_back(random_tensor(parameter.tensor.sizes().vec(), random));
      }
      if (n == 2) gradients[1] = at::Tensor();
      with_loops.step(gradients, 0.05, 0.7, team);
      with_operations.step(gradients, 0.05, 0.7, team);
    }
    for (std::size_t i = 0; i < loops.size(); ++i) {
      // The same arithmetic in another order: a few roundings in each of five updates.
      testing::expect_near(operations[i].tensor, loops[i].tensor, 1e-6, "parameter");
    }
  }
}

TEST(Optimizer, StridedParametersAreUpdatedInPlace) {
  at::Tensor memory = at::ones({3, 4}), view = memory.t();
  OptimizerOptions options;
  options.weight_decay = 0;
  Optimizer optimizer({{"view", view}}, options);
  WorkerTeam team(1);
  optimizer.step(std::vector<at::Tensor>{at::ones({4, 3})}, 0.5, 1, team);
  testing::expect_near(memory, at::full({3, 4}, 0.5f), 1e-6, "memory");
}

TEST(Optimizer, GroupsHaveRatesAndDecayOfTheirOwn) {
  const auto run = [](const OptimizerOptions& options) {
    std::vector<NamedParameter> parameters;
    for (const char* name : {"encoder.weight", "decoder.weight", "decoder.embedding.weight", "decoder.bias"}) {
      const bool is_vector = std::string(name).ends_with("bias");
      parameters.push_back({name, is_vector ? at::ones({4}) : at::ones({2, 2})});
    }
    Optimizer optimizer(parameters, options);
    WorkerTeam team(1);
    std::vector<at::Tensor> gradients;
    for (const NamedParameter& parameter : parameters) gradients.push_back(at::ones_like(parameter.tensor));
    optimizer.step(gradients, 0.1, 1, team);
    std::vector<double> first;
    for (const NamedParameter& parameter : parameters) first.push_back(parameter.tensor.flatten()[0].item<double>());
    return first;
  };
  // A first update of AdamW moves everything by the rate, here 0.1, after the decay, here a tenth of 0.5.
  OptimizerOptions options;
  options.weight_decay = 0.5;
  const auto expect = [&](const std::vector<double>& expected) {
    const std::vector<double> found = run(options);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
  };
  expect({0.85, 0.85, 0.85, 0.9});
  options.no_decay = {"*embedding*"};
  expect({0.85, 0.85, 0.9, 0.9});
  options.groups = {{{"decoder.embedding.*"}, 0, {}}, {{"decoder.*"}, 0.5, 1.0}};
  expect({0.85, 0.9, 1, 0.95});
  options.decay_vectors = true;
  expect({0.85, 0.9, 1, 0.9});
}

TEST(Optimizer, PatternsThatFitNothingAreErrors) {
  OptimizerOptions options;
  options.no_decay = {"*.bias"};
  EXPECT_THROW(Optimizer({{"encoder.weight", at::ones({2})}}, options), Error);
  options.no_decay = {};
  options.groups = {{{"encoder.*", "decoder.*"}, 1, {}}};
  EXPECT_THROW(Optimizer({{"encoder.weight", at::ones({2})}}, options), Error);
}

TEST(NamePattern, AStarStandsForAnyRunOfCharacters) {
  EXPECT_TRUE(matches_pattern("decoder.layer.0.weight", "decoder.*"));
  EXPECT_TRUE(matches_pattern("decoder.layer.0.weight", "*.weight"));
  EXPECT_TRUE(matches_pattern("decoder.layer.0.weight", "*layer*0*"));
  EXPECT_TRUE(matches_pattern("decoder", "decoder*"));
  EXPECT_TRUE(matches_pattern("aab", "*ab"));
  EXPECT_FALSE(matches_pattern("decoder.weight", "decoder"));
  EXPECT_FALSE(matches_pattern("decoder.weight", "*.bias"));
  EXPECT_FALSE(matches_pattern("decoder.weight", ""));
  EXPECT_TRUE(matches_any("x.bias", {"y*", "*.bias"}));
  EXPECT_FALSE(matches_any("x.bias", {}));
}

TEST(WeightAverage, FollowsTheWeightsAndChangesPlacesWithThem) {
  at::Tensor weight = at::zeros({2}).requires_grad_();
  WeightAverage average({{"weight", weight}}, 0.5);
  weight.detach().fill_(1);
  average.update();  // The past keeps (1 + 0) / (10 + 0).
  testing::expect_near(average.averages()[0].tensor, at::full({2}, 0.9f), 1e-6, "after one");
  for (int n = 0; n < 10; ++n) average.update();
  weight.detach().fill_(3);
  average.update();  // (1 + 11) / (10 + 11) is more than the decay that was asked for.
  testing::expect_near(average.averages()[0].tensor, at::full({2}, 2.f), 2e-3, "half way");
  average.swap();
  testing::expect_near(weight.detach(), at::full({2}, 2.f), 2e-3, "the network's");
  testing::expect_near(average.averages()[0].tensor, at::full({2}, 3.f), 0, "set aside");
  average.swap();
  testing::expect_near(weight.detach(), at::full({2}, 3.f), 0, "back again");
  EXPECT_THROW(WeightAverage({}, 1.0), Error);
}

}  // namespace
}  // namespace yourmt3
