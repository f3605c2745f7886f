// Fused operations against the same in plain ones, values and gradients.

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <algorithm>
#include <array>
#include <functional>

#include "support/torch_tensors.h"
#include "torchnet/cpu_kernels.h"
#include "torchnet/fused.h"
#include "torchnet/layers.h"

namespace yourmt3 {
namespace {

using Tensors = std::vector<at::Tensor>;
using Operation = std::function<Tensors(const Tensors&)>;

at::Tensor random(at::IntArrayRef shape, std::uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed), at::kFloat);
}

/// Runs the operation in float32, which takes the fused way, and in float64, which takes the plain one; compares the
/// results and the gradients of a weighted sum of them, for one instruction set.
void expect_as_plain(Isa isa, const Operation& operation, const Tensors& inputs, double tolerance) {
  const cpu_kernels::FixedIsa scope(isa);
  SCOPED_TRACE(isa_name(isa));
  Tensors results[2], gradients[2];
  for (const int pass : {0, 1}) {
    Tensors copies;
    for (const at::Tensor& input : inputs) {
      const bool floating = input.is_floating_point();
      copies.push_back(floating ? input.to(pass == 0 ? at::kFloat : at::kDouble).clone().requires_grad_() : input);
    }
    results[pass] = operation(copies);
    at::Tensor sum;
    std::uint64_t seed = 100;
    for (const at::Tensor& result : results[pass]) {
      const at::Tensor part = (result * random(result.sizes(), ++seed).to(result.scalar_type())).sum();
      sum = sum.defined() ? sum + part : part;
    }
    gradients[pass] = torch::autograd::grad({sum}, copies);
  }
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    testing::expect_near(results[0][i], results[1][i].to(at::kFloat), tolerance * (1 + testing::largest(results[1][i])),
                         fmt::format("result {}", i));
  }
  for (std::size_t i = 0; i < gradients[0].size(); ++i) {
    testing::expect_near(gradients[0][i], gradients[1][i].to(at::kFloat),
                         tolerance * (1 + testing::largest(gradients[1][i])), fmt::format("gradient {}", i));
  }
}

void expect_as_plain(const Operation& operation, const Tensors& inputs, double tolerance) {
  for (const Isa isa : supported_isas()) expect_as_plain(isa, operation, inputs, tolerance);
}

// Sums of up to 300 products in float32: 300 * 6e-8, and the polynomials behind GELU and exp are good to 2e-7.
constexpr double kTolerance = 2e-5;

TEST(FusedRmsNorm, AgreesWithPlainOperations) {
  for (const std::int64_t width : {1, 7, 64, 193}) {
    expect_as_plain([](const Tensors& t) { return Tensors{fused_rms_norm(t[0], t[1], 1e-6, t[0].scalar_type())}; },
                    {random({3, 5, width}, 1), random({width}, 2)}, kTolerance);
  }
}

TEST(FusedLinear, AgreesWithPlainOperationsWithAndWithoutBias) {
  for (const auto& [rows, inputs, outputs] :
       std::vector<std::array<std::int64_t, 3>>{{1, 1, 1}, {14, 32, 32}, {15, 33, 31}, {29, 257, 65}, {300, 120, 48}}) {
    expect_as_plain([](const Tensors& t) { return Tensors{fused_linear(t[0], t[1], t[2])}; },
                    {random({rows, inputs}, 1), random({outputs, inputs}, 2), random({outputs}, 3)}, kTolerance);
    expect_as_plain([](const Tensors& t) { return Tensors{fused_linear(t[0], t[1], {})}; },
                    {random({2, rows, inputs}, 1), random({outputs, inputs}, 2)}, kTolerance);
  }
}

TEST(FusedLinear, TakesInputsThatAreNotContiguous) {
  expect_as_plain([](const Tensors& t) { return Tensors{fused_linear(t[0].transpose(0, 1), t[1], {})}; },
                  {random({20, 9}, 1), random({5, 20}, 2)}, kTolerance);
}

TEST(FusedGatedGelu, AgreesWithPlainOperations) {
  for (const std::int64_t width : {1, 15, 16, 100}) {
    // Wide inputs, so that both ends of tanh are reached.
    expect_as_plain([](const Tensors& t) { return Tensors{fused_gated_gelu(t[0])}; }, {random({6, 2 * width}, 1) * 5},
                    kTolerance);
  }
}

Pass pass_of(const at::Tensor& x) {
  return {x.scalar_type(), false};
}

TEST(FusedAttention, SelfAgreesWithPlainOperationsAlsoThroughTheFirstHead) {
  for (const bool causal : {false, true}) {
    for (const std::int64_t n : {1, 13, 40}) {
      expect_as_plain(
          [&](const Tensors& t) {
            const FusedAttention attention =
                fused_self_attention(t[0], {.n_heads = 3, .causal = causal, .scale = 0.4}, pass_of(t[0]));
            return Tensors{attention.mixed, attention.first_head};
          },
          {random({2, n, 3 * 3 * 8}, 4)}, kTolerance);
    }
  }
}

TEST(FusedAttention, CrossAgreesWithPlainOperationsAlsoThroughTheFirstHead) {
  for (const auto& [n, s] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {7, 33}, {50, 17}}) {
    expect_as_plain(
        [](const Tensors& t) {
          const FusedAttention attention =
              fused_cross_attention(t[0], t[1], {.n_heads = 2, .scale = 0.25}, pass_of(t[0]));
          return Tensors{attention.mixed, attention.first_head};
        },
        {random({3, n, 2 * 16}, 5), random({3, s, 2 * 2 * 16}, 6)}, kTolerance);
  }
}

TEST(FusedAttention, DropsTheSameProbabilitiesOnBothWays) {
  // With one head as wide as there are keys, and values of 1 on the diagonal, the result is the probabilities that
  // were kept.
  constexpr std::int64_t kRows = 3, kN = 20, kS = 24;
  constexpr double kRate = 0.3;
  const AttentionOptions options = {.n_heads = 1, .scale = 0.2, .dropout = kRate};
  const auto pass = [](std::uint64_t seed) {
    return Pass{at::kFloat, true, nullptr, at::detail::createCPUGenerator(seed)};
  };
  const at::Tensor q = random({kRows, kN, kS}, 1), k = random({kRows, kS, kS}, 2), v = random({kRows, kS, kS}, 3);
  const at::Tensor diagonal = at::eye(kS).expand({kRows, kS, kS});
  const at::Tensor seen = fused_cross_attention(q, at::cat({k, diagonal}, -1), options, pass(7)).mixed;
  const at::Tensor mask = (seen > 0).to(at::kFloat);
  // Of 1440 draws the share is known to 0.012.
  EXPECT_NEAR(mask.mean().item<double>(), 1 - kRate, 0.05);
  EXPECT_FALSE(seen.equal(fused_cross_attention(q, at::cat({k, diagonal}, -1), options, pass(8)).mixed));

  Tensors inputs = {q.clone().requires_grad_(), at::cat({k, v}, -1).requires_grad_()};
  const FusedAttention found = fused_cross_attention(inputs[0], inputs[1], options, pass(7));
  const at::Tensor probabilities =
      at::softmax(at::matmul(inputs[0], inputs[1].slice(2, 0, kS).transpose(1, 2)) * options.scale, -1);
  const at::Tensor expected = at::matmul(probabilities * mask / (1 - kRate), inputs[1].slice(2, kS));
  testing::expect_near(found.mixed, expected, kTolerance * testing::largest(expected), "mixed");
  testing::expect_near(found.first_head, probabilities, kTolerance, "first head");
  const at::Tensor factors = random({kRows, kN, kS}, 4), guide = random({kRows, kN, kS}, 5);
  const auto gradients =
      torch::autograd::grad({(found.mixed * factors).sum() + (found.first_head * guide).sum()}, inputs);
  const auto wanted = torch::autograd::grad({(expected * factors).sum() + (probabilities * guide).sum()}, inputs);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    testing::expect_near(gradients[i], wanted[i], kTolerance * (1 + testing::largest(wanted[i])), "gradient");
  }
}

TEST(Dropout, OfTheKernelsIsAFunctionOfSeedAndPlace) {
  const std::vector<float> x(100'003, 2.f);
  std::vector<float> whole(x.size()), part(1000);
  cpu_kernels::dropout(x.data(), 100'003, 0.25, 5, 0, whole.data());
  cpu_kernels::dropout(x.data(), 1000, 0.25, 5, 77, part.data());
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 77));
  const auto kept = static_cast<double>(std::ranges::count(whole, 2.f / 0.75f));
  const auto dropped = static_cast<double>(std::ranges::count(whole, 0.f));
  EXPECT_EQ(kept + dropped, 100'003);
  // Known to 0.0014.
  EXPECT_NEAR(dropped / 100'003, 0.25, 0.007);
  // Neighbours are independent: a quarter of a quarter is dropped together.
  double both = 0;
  for (std::size_t i = 1; i < whole.size(); ++i) both += whole[i] == 0 && whole[i - 1] == 0 ? 1 : 0;
  EXPECT_NEAR(both / 100'003, 0.0625, 0.004);
}

TEST(FusedPitchNetwork, AgreesWithPlainOperationsForNarrowAndWideWindows) {
  for (const std::int64_t radius : {0, 2, 4}) {
    const std::int64_t frames = 19, bins = 11, pitches = 17;
    at::Tensor columns = at::zeros({2, bins + 1, frames + 2 * radius + 8}, at::kFloat);
    columns.slice(1, 0, bins).slice(2, radius, radius + frames).copy_(random({2, bins, frames}, 7));
    const at::Tensor chosen = at::arange(pitches * 3).remainder(bins + 1).view({pitches, 3});
    expect_as_plain(
        [&](const Tensors& t) {
          const PitchWindows windows = {columns.to(t[0].scalar_type()), chosen, frames, radius};
          return Tensors{fused_pitch_network(windows, t[0], t[1], t[2], t[3])};
        },
        {random({6, 3 * (2 * radius + 1)}, 8), random({6}, 9), random({4, 6}, 10), random({4}, 11)}, 10 * kTolerance);
  }
}

TEST(FusedPitchStates, AgreeWithPlainOperationsForShortAndLongSegments) {
  for (const std::int64_t frames : {1, 7, 20}) {
    const std::int64_t pitches = 17, width = 5, hints = 3, outputs = 6;
    expect_as_plain(
        [](const Tensors& t) {
          return Tensors{fused_pitch_states({t[0], t[1], t[2]}, t[3], t[4])};
        },
        {random({2, frames, pitches, width}, 8), random({2, frames, pitches, hints}, 9),
         random({2, frames, outputs}, 10), random({outputs, 4 * width + hints}, 11), random({outputs}, 12)},
        10 * kTolerance);
  }
}

TEST(FusedPitchContext, AgreesWithPlainOperationsForShortAndLongSegmentsAndFewPitches) {
  for (const std::int64_t frames : {1, 7, 40}) {
    for (const std::int64_t pitches : {1, 13, 30}) {
      const std::int64_t width = 3, outputs = 6, seen = AuxiliaryConfig::kContextTaps.size();
      expect_as_plain(
          [](const Tensors& t) { return Tensors{fused_pitch_context(t[0], t[1], t[2])}; },
          {random({2, frames, pitches, width}, 8), random({outputs, seen * width}, 11), random({outputs}, 12)},
          10 * kTolerance);
    }
  }
}

TEST(FusedDrumStates, AgreeWithPlainOperationsForShortAndLongSegments) {
  // More frames than are taken at once, too, so that a chunk ends inside of a segment.
  for (const std::int64_t frames : {1, 7, 150}) {
    const std::int64_t width = 3, outputs = 6, seen = AuxiliaryConfig::kDrumTaps.size(),
                       context = AuxiliaryConfig::kDrumContextTaps.size();
    expect_as_plain([](const Tensors& t) { return Tensors{fused_drum_states(t[0], t[1], t[2], t[3])}; },
                    {random({2, frames, width}, 8), random({2, frames, outputs}, 9),
                     random({outputs, seen * width}, 11), random({outputs}, 12)},
                    10 * kTolerance);
    expect_as_plain([](const Tensors& t) { return Tensors{fused_drum_context(t[0], t[1], t[2])}; },
                    {random({2, frames, width}, 8), random({outputs, context * width}, 11), random({outputs}, 12)},
                    10 * kTolerance);
  }
}

at::Tensor rounded(const at::Tensor& x) {
  return x.to(at::kBFloat16).to(at::kDouble);
}

/// All transposed or not, with rows, columns and depths that fill tiles, panels and blocks of the depth, and that do
/// not.
void expect_product(Isa isa, bool a_transposed, bool b_transposed, int m, int n, int k) {
  const cpu_kernels::FixedIsa fixed(isa);
  const cpu_kernels::RoundedProducts rounding;
  const auto what =
      fmt::format("{}: {} x {} x {}, transposed {} {}", isa_name(isa), m, n, k, a_transposed, b_transposed);
  const at::Tensor a = random({m, k}, 1), b = random({k, n}, 2), start = random({m, n + 3}, 3);
  const at::Tensor stored_a = (a_transposed ? a.t() : a).contiguous();
  const at::Tensor stored_b = (b_transposed ? b.t() : b).contiguous();
  at::Tensor c = start.clone();
  const auto run = [&](bool accumulate) {
    cpu_kernels::multiply(m, n, k, {stored_a.data_ptr<float>(), stored_a.size(1), a_transposed},
                          {stored_b.data_ptr<float>(), stored_b.size(1), b_transposed}, c.data_ptr<float>(), n + 3,
                          accumulate);
  };
  const at::Tensor product = rounded(a).matmul(rounded(b)).to(at::kFloat);
  const double tolerance = kTolerance * (1 + testing::largest(product));
  run(false);
  testing::expect_near(c.slice(1, 0, n), product, tolerance, what);
  run(true);
  testing::expect_near(c.slice(1, 0, n), 2 * product, 2 * tolerance, what + ", added");
  EXPECT_TRUE(c.slice(1, n).equal(start.slice(1, n))) << what << ": wrote behind its rows";
}

TEST(RoundedProducts, AreThoseOfOperandsInBfloat16WithSumsInFloat32) {
  for (const Isa isa : supported_isas()) {
    for (const auto& [m, n, k] : {std::array{1, 1, 1}, {13, 31, 7}, {14, 32, 512}, {30, 48, 120}, {5, 65, 1026}}) {
      for (const bool a_transposed : {false, true}) {
        for (const bool b_transposed : {false, true}) expect_product(isa, a_transposed, b_transposed, m, n, k);
      }
    }
  }
}

TEST(RoundedProducts, EndWithTheScope) {
  const at::Tensor x = random({3, 64}, 1), weight = random({32, 64}, 2);
  const at::Tensor before = fused_linear(x, weight, {});
  {
    const cpu_kernels::RoundedProducts scope;
    EXPECT_FALSE(fused_linear(x, weight, {}).equal(before));
  }
  EXPECT_TRUE(fused_linear(x, weight, {}).equal(before));
}

TEST(Fused, TheFastWayIsTakenForNumbersInFloat32) {
  EXPECT_TRUE(fusable(at::zeros({1}, at::kFloat)));
  EXPECT_FALSE(fusable(at::zeros({1}, at::kDouble)));
  EXPECT_FALSE(fusable(at::zeros({0}, at::kFloat)));
}

TEST(PlainOperations, TakeThePlaceOfFusedOnesWhileAskedFor) {
  const at::Tensor x = random({3, 64}, 1), weight = random({32, 64}, 2);
  const bool before = fusable(x);
  const at::Tensor fused = fused_linear(x, weight, {});
  {
    const PlainOperations outer;
    { const PlainOperations inner; }
    EXPECT_FALSE(fusable(x));
    testing::expect_near(fused_linear(x, weight, {}), at::linear(x, weight), 0, "plain");
  }
  EXPECT_EQ(fusable(x), before);
  testing::expect_near(fused, at::linear(x, weight), kTolerance * testing::largest(fused), "fused");
}

}  // namespace
}  // namespace yourmt3
