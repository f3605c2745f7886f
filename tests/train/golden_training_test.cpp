// Losses, optimizers and schedules against what the reference computed.

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "support/golden.h"
#include "support/torch_tensors.h"
#include "train/losses.h"
#include "train/optimizer.h"
#include "train/schedule.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

at::Tensor tensor_of(const json& values, const json& shape) {
  at::Tensor tensor = at::empty(shape.get<std::vector<std::int64_t>>(), at::kFloat);
  const auto flat = values.get<std::vector<float>>();
  if (static_cast<std::int64_t>(flat.size()) != tensor.numel()) throw std::runtime_error("wrong number of values");
  std::copy(flat.begin(), flat.end(), tensor.data_ptr<float>());
  return tensor;
}

/// The losses were written with NaN, which JSON does not have; null takes its place.
json losses_json() {
  std::ifstream file(testing::golden_dir() / "training/loss.json");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (std::size_t at = text.find("NaN"); at != std::string::npos; at = text.find("NaN", at))
    text.replace(at, 3, "null");
  return json::parse(text);
}

TEST(GoldenLoss, ValuesCountsAndGradientsAgree) {
  if (!testing::golden_exists("training/loss.json")) GTEST_SKIP() << "no recorded losses";
  const json cases = losses_json().at("cases");
  ASSERT_FALSE(cases.empty());
  for (const json& item : cases) {
    SCOPED_TRACE(item.at("name").get<std::string>());
    at::Tensor logits = tensor_of(item.at("logits"), item.at("shape")).requires_grad_();
    std::vector<std::int64_t> label_shape = item.at("shape").get<std::vector<std::int64_t>>();
    label_shape.pop_back();
    const at::Tensor labels = tensor_of(item.at("labels"), label_shape).to(at::kLong);
    at::Tensor mask;
    if (item.contains("channel_mask") && !item.at("channel_mask").is_null()) {
      const json& rows = item.at("channel_mask");  // [b][c], 1: annotated.
      mask = at::empty({label_shape[0], label_shape[1], 1}, at::kBool);
      for (std::int64_t b = 0; b < label_shape[0]; ++b) {
        for (std::int64_t c = 0; c < label_shape[1]; ++c) {
          mask[b][c][0] = rows.at(static_cast<std::size_t>(b)).at(static_cast<std::size_t>(c)).get<int>() != 0;
        }
      }
      mask = mask.expand(label_shape);
    }
    const double smoothing = item.value("label_smoothing", 0.0);
    EXPECT_EQ(counted_tokens(labels, mask), item.at("n_counted").get<std::int64_t>());
    const at::Tensor loss = token_cross_entropy(logits, labels, mask, smoothing);
    const at::Tensor gradient = torch::autograd::grad({loss}, {logits})[0];
    if (item.value("loss_is_nan", false)) {
      // Where the reference divides zero by zero we count nothing, and nothing moves.
      EXPECT_EQ(loss.item<double>(), 0);
      EXPECT_EQ(testing::largest(gradient), 0);
      continue;
    }
    const double expected = item.at("loss").get<double>();
    EXPECT_NEAR(loss.item<double>(), expected, 1e-5 * std::abs(expected));
    if (mask.defined()) {
      // What a batch does with a channel that was not annotated: no label at all, not the two tokens of silence.
      const at::Tensor cleared = labels.masked_fill(mask.logical_not(), 0);
      EXPECT_EQ(counted_tokens(cleared), counted_tokens(labels, mask));
      EXPECT_EQ(token_cross_entropy(logits, cleared, {}, smoothing).item<double>(), loss.item<double>());
    }
    const at::Tensor expected_gradient = tensor_of(item.at("grad_logits"), item.at("shape"));
    testing::expect_near(gradient, expected_gradient, 1e-5 * testing::largest(expected_gradient), "gradient");
  }
}

struct Trajectory {
  std::vector<at::Tensor> parameters;
  std::vector<json> shapes;
};

Trajectory start_of(const json& item) {
  Trajectory start;
  for (std::size_t i = 0; i < item.at("shapes").size(); ++i) {
    start.shapes.push_back(item.at("shapes").at(i));
    start.parameters.push_back(tensor_of(item.at("init").at(i), start.shapes.back()));
  }
  return start;
}

std::vector<at::Tensor> gradients_of(const json& step, const std::vector<json>& shapes) {
  std::vector<at::Tensor> gradients;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const json& values = step.at("grads").at(i);
    gradients.push_back(values.is_null() ? at::Tensor() : tensor_of(values, shapes[i]));
  }
  return gradients;
}

/// Relative to the largest value: an update moves all values of a tensor by about as much.
void expect_close(const at::Tensor& found, const at::Tensor& expected, double relative, const std::string& what) {
  testing::expect_near(found, expected, relative * std::max(testing::largest(expected), 1e-3), what);
}

std::vector<NamedParameter> numbered(const std::vector<at::Tensor>& tensors) {
  std::vector<NamedParameter> parameters;
  for (std::size_t i = 0; i < tensors.size(); ++i) parameters.push_back({fmt::format("tensor{}", i), tensors[i]});
  return parameters;
}

void check_trajectory(const json& item, const OptimizerOptions& options, double clip_norm, double constant_lr,
                      Optimizer::Path path) {
  Trajectory run = start_of(item);
  Optimizer optimizer(numbered(run.parameters), options, path);
  WorkerTeam team(1);
  int n = 0;
  for (const json& step : item.at("steps")) {
    const std::vector<at::Tensor> gradients = gradients_of(step, run.shapes);
    double scale = 1;
    if (clip_norm > 0) scale = std::min(1.0, clip_norm / (gradient_norm(gradients) + 1e-6));
    for (const char* name : {"norm_before_clip", "grad_norm", "total_norm"}) {
      if (step.contains(name) && !step.at(name).is_null()) {
        EXPECT_NEAR(gradient_norm(gradients), step.at(name).get<double>(), 1e-5 * step.at(name).get<double>());
      }
    }
    optimizer.step(gradients, step.value("lr", constant_lr), scale, team);
    ++n;
    for (std::size_t i = 0; i < run.parameters.size(); ++i) {
      // Rounding adds up over the steps.
      expect_close(run.parameters[i], tensor_of(step.at("params_after").at(i), run.shapes[i]), 2e-6 * n,
                   fmt::format("parameter {} after step {}", i, n));
    }
  }
  EXPECT_GT(n, 0);
  if (!item.contains("final_state")) return;
  for (std::size_t i = 0; i < run.parameters.size(); ++i) {
    const json& state = item.at("final_state").at(i);
    if (state.is_null() || state.empty()) {
      EXPECT_EQ(optimizer.states()[i].step, 0);
      continue;
    }
    EXPECT_EQ(optimizer.states()[i].step, state.at("step").get<std::int64_t>());
    const auto& moments = optimizer.states()[i].tensors;
    expect_close(moments.at("first"), tensor_of(state.at("exp_avg"), run.shapes[i]), 1e-5, "first moment");
    expect_close(moments.at("second"), tensor_of(state.at("exp_avg_sq"), run.shapes[i]), 1e-5, "second moment");
  }
}

OptimizerOptions options_of(const json& item, OptimizerOptions::Kind kind) {
  OptimizerOptions options;
  options.kind = kind;
  options.beta1 = item.at("betas").at(0).get<double>();
  options.beta2 = item.at("betas").at(1).get<double>();
  options.eps = item.at("eps").get<double>();
  options.weight_decay = item.at("weight_decay").get<double>();
  options.decay_vectors = true;  // The reference decays everything or nothing.
  options.correct_bias = item.value("correct_bias", true);
  return options;
}

TEST(GoldenOptimizer, AdamWScaleFollowsTheRecordedRuns) {
  if (!testing::golden_exists("training/adamwscale.json")) GTEST_SKIP() << "no recorded runs";
  const json cases = testing::golden_json("training/adamwscale.json").at("cases");
  ASSERT_FALSE(cases.empty());
  for (const json& item : cases) {
    SCOPED_TRACE(item.at("name").get<std::string>());
    const double clip =
        item.contains("clip_norm") && !item.at("clip_norm").is_null() ? item.at("clip_norm").get<double>() : 0;
    for (const auto path : {Optimizer::Path::kLoopsWherePossible, Optimizer::Path::kOperations}) {
      SCOPED_TRACE(path == Optimizer::Path::kOperations ? "as operations" : "as loops");
      check_trajectory(item, options_of(item, OptimizerOptions::Kind::kAdamWScale), clip, item.at("lr").get<double>(),
                       path);
    }
  }
}

TEST(GoldenOptimizer, AdamWFollowsTheRecordedRun) {
  if (!testing::golden_exists("training/adamw.json")) GTEST_SKIP() << "no recorded run";
  const json item = testing::golden_json("training/adamw.json");
  for (const auto path : {Optimizer::Path::kLoopsWherePossible, Optimizer::Path::kOperations}) {
    SCOPED_TRACE(path == Optimizer::Path::kOperations ? "as operations" : "as loops");
    check_trajectory(item, options_of(item, OptimizerOptions::Kind::kAdamW), 0, item.at("lr").get<double>(), path);
  }
}

TEST(GoldenSchedule, RatesAgree) {
  if (!testing::golden_exists("training/lr_schedule.json")) GTEST_SKIP() << "no recorded schedules";
  const json cases = testing::golden_json("training/lr_schedule.json").at("cases");
  ASSERT_FALSE(cases.empty());
  for (const json& item : cases) {
    ScheduleOptions schedule;
    const auto kind = item.at("kind").get<std::string>();
    SCOPED_TRACE(kind);
    schedule.kind = kind == "cosine"   ? ScheduleOptions::Kind::kCosine
                    : kind == "legacy" ? ScheduleOptions::Kind::kLegacy
                                       : ScheduleOptions::Kind::kConstant;
    schedule.lr = item.at("base_lr").get<double>();
    const json& settings = item.at("cfg");
    schedule.warmup_steps = settings.value("warmup_steps", schedule.warmup_steps);
    schedule.total_steps = settings.value("total_steps", schedule.total_steps);
    schedule.final_lr = settings.value("final_cosine", schedule.final_lr);
    for (const auto& [step, rate] : item.at("lr").items()) {
      const double expected = rate.get<double>();
      EXPECT_NEAR(learning_rate(schedule, std::stoll(step), 0), expected, 1e-8 * std::abs(expected) + 1e-15) << step;
    }
  }
}

}  // namespace
}  // namespace yourmt3
