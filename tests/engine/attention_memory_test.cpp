#include "engine/attention_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/pre_decoder.h"
#include "engine/t5_decoder.h"
#include "support/formula_weights.h"
#include "tiny_models.h"

namespace yourmt3 {
namespace {

using testing::random_values;

std::size_t at(int row, int column, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
}

TEST(AttentionMemory, AgreesWithAScalarLoopAndQueriesAreIndependent) {
  for (const auto& [length, width, stride] :
       {std::array{1, 1, 1}, std::array{10, 24, 72}, std::array{103, 19, 19}, std::array{110, 64, 80}}) {
    const int n = 7;
    const auto memory = random_values(at(length, 0, stride), 1), queries = random_values(at(n, 0, width), 2);
    const AttentionMemory attended(best_kernels(), {memory.data(), stride}, length, width);
    std::vector<float> out(queries.size()), one(static_cast<std::size_t>(width));
    std::vector<float> scratch(AttentionMemory::scratch(n, length));
    attended.attend(best_kernels(), queries.data(), n, out.data(), scratch.data());
    for (int q = 0; q < n; ++q) {
      std::vector<double> weights(static_cast<std::size_t>(length)), expected(static_cast<std::size_t>(width));
      double total = 0;
      for (int i = 0; i < length; ++i) {
        double score = 0;
        for (int j = 0; j < width; ++j) score += double(queries[at(q, j, width)]) * memory[at(i, j, stride)];
        total += weights[at(i, 0, 1)] = std::exp(score);
      }
      for (int i = 0; i < length; ++i) {
        for (int j = 0; j < width; ++j) {
          expected[at(j, 0, 1)] += weights[at(i, 0, 1)] / total * memory[at(i, j, stride)];
        }
      }
      for (int j = 0; j < width; ++j) {
        // Scores of order 10 and weights that add up to 1, each off by some ulps.
        ASSERT_NEAR(out[at(q, j, width)], expected[at(j, 0, 1)], 5e-6) << length << ", " << width;
      }
      attended.attend(best_kernels(), queries.data() + at(q, 0, width), 1, one.data(), scratch.data());
      ASSERT_TRUE(std::equal(one.begin(), one.end(), out.begin() + static_cast<std::ptrdiff_t>(at(q, 0, width))));
    }
  }
}

/// A decoder that takes over the pre-decoder's matrix, against one behind the pre-decoder.
void expect_same_logits(const ModelConfig& config) {
  const Model model = testing::formula_model(config, 3);
  const Kernels& kernels = best_kernels();
  ThreadTeam team(2);
  const PreDecoder pre_decoder(kernels, config, WeightReader(model.weights, "pre_decoder.0."));
  const T5Decoder folded(kernels, team, config.decoder, WeightReader(model.weights, ""), pre_decoder.projection());
  const T5Decoder plain(kernels, team, config.decoder, WeightReader(model.weights, ""));
  const int channels = config.decoder.n_channels, d = config.decoder.d_model, length = config.front_end.n_frames();
  const int width = folded.memory_width();
  ASSERT_TRUE(pre_decoder.is_skipped());
  ASSERT_EQ(width * channels, config.encoder.n_latents * config.encoder.d_model);
  const Compute compute{kernels, team};
  const auto encoded = random_values(at(length, 0, channels * width), 4);
  std::vector<float> memory(at(length, 0, channels * d));
  pre_decoder.run(compute, encoded.data(), memory.data());
  const std::vector<std::int32_t> ids = {0, 5, 9, 40, 1, 2};
  std::vector<float> found(ids.size() * static_cast<std::size_t>(config.decoder.vocab_size)), expected(found.size());
  for (int c = 0; c < channels; ++c) {
    folded.run(compute, ids, {encoded.data() + c * width, channels * width}, length, nullptr, found.data());
    plain.run(compute, ids, {memory.data() + c * d, channels * d}, length, nullptr, expected.data());
    float largest = 1.f;
    for (const float logit : expected) largest = std::max(largest, std::abs(logit));
    // As in options_test.cpp: some hundred roundings.
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 300 * 6e-8f * largest) << c;
  }
}

TEST(PreDecoder, GivesTheSameLogitsWithinTheDecoder) {
  ModelConfig config = testing::tiny_multi();
  config.encoder.d_model = 4;  // Three channels of 6 * 4 / 3 values in place of 18.
  expect_same_logits(config);
  config.decoder.n_channels = 1;
  config.pre_decoder.type = PreDecoderConfig::Type::kLinear;
  config.encoder.n_latents = 4;
  expect_same_logits(config);
}

TEST(PreDecoder, StaysBeforeTheDecoderWhereItsInputIsWider) {
  ModelConfig config = testing::tiny_multi();
  config.decoder.n_channels = 1;
  config.pre_decoder.type = PreDecoderConfig::Type::kLinear;
  const Model model = testing::formula_model(config, 3);
  const PreDecoder pre_decoder(best_kernels(), config, WeightReader(model.weights, "pre_decoder.0."));
  EXPECT_TRUE(pre_decoder.projection().empty());
  EXPECT_FALSE(pre_decoder.is_skipped());
}

}  // namespace
}  // namespace yourmt3
