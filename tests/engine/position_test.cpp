#include "engine/position.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace yourmt3 {
namespace {

using ::testing::FloatEq;
using ::testing::FloatNear;
using ::testing::Pointwise;

TEST(SinusoidTable, HasSinesInTheFirstHalfAndCosinesInTheSecond) {
  const auto table = sinusoid_table(3, 4);
  EXPECT_THAT(
      table, Pointwise(FloatEq(), std::vector<float>{0, 0, 1, 1,                                                      //
                                                     std::sin(1.f), std::sin(0.01f), std::cos(1.f), std::cos(0.01f),  //
                                                     std::sin(2.f), std::sin(0.02f), std::cos(2.f), std::cos(0.02f)}));
  // An odd width has one sine more.
  const auto odd = sinusoid_table(2, 3);
  EXPECT_FLOAT_EQ(odd[3], std::sin(1.f));
  EXPECT_FLOAT_EQ(odd[4], static_cast<float>(std::sin(std::pow(10000.0, -2.0 / 3))));
  EXPECT_FLOAT_EQ(odd[5], std::cos(1.f));
}

TEST(RelativePositionBucket, IsExactForShortDistancesAndLogarithmicBeyond) {
  // Values worked out by hand from the definition: 16 + floor(ln(n / 16) / ln(8) * 16) in the decoder.
  EXPECT_EQ(relative_position_bucket(0, false), 0);
  EXPECT_EQ(relative_position_bucket(3, false), 0) << "the future has no distance";
  EXPECT_EQ(relative_position_bucket(-15, false), 15);
  EXPECT_EQ(relative_position_bucket(-16, false), 16);
  EXPECT_EQ(relative_position_bucket(-19, false), 17);
  EXPECT_EQ(relative_position_bucket(-31, false), 21);
  EXPECT_EQ(relative_position_bucket(-127, false), 31);
  EXPECT_EQ(relative_position_bucket(-5000, false), 31);
  // 8 + floor(ln(n / 8) / ln(16) * 8) in the encoder, keys behind the query 16 further.
  EXPECT_EQ(relative_position_bucket(-7, true), 7);
  EXPECT_EQ(relative_position_bucket(7, true), 23);
  EXPECT_EQ(relative_position_bucket(-11, true), 8);
  EXPECT_EQ(relative_position_bucket(-12, true), 9);
  EXPECT_EQ(relative_position_bucket(200, true), 31);
  EXPECT_EQ(relative_position_bucket(-200, true), 15);
}

TEST(RelativePositionBias, LaysTheTableOutByDistance) {
  std::vector<float> table(32 * 2);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>(i);
  const auto bias = relative_position_bias(table, 2, 3, true);
  // Distances -2 .. 2 fall into buckets 2, 1, 0, 17, 18; heads are the table's columns.
  EXPECT_EQ(bias, (std::vector<float>{4, 2, 0, 34, 36, 5, 3, 1, 35, 37}));
}

TEST(AlibiSlopes, AreGeometricAndFilledUpForOddNumbersOfHeads) {
  EXPECT_THAT(alibi_slopes(8),
              Pointwise(FloatEq(), {0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f}));
  EXPECT_THAT(alibi_slopes(3), Pointwise(FloatEq(), {0.0625f, 0.00390625f, 0.25f}));
  EXPECT_THAT(alibi_slopes(1), Pointwise(FloatEq(), {0.00390625f}));
}

TEST(AlibiBias, FallsWithTheDistanceFromTheAlignedKey) {
  // lq 2, lk 4: query i is aligned with key i + 2. Distances -1 .. 3 less 2, over sqrt(4).
  EXPECT_EQ(alibi_bias({1.f}, 2, 4, 4), (std::vector<float>{-1.5f, -1, -0.5f, -0.f, -0.5f}));
}

TEST(RopeFrequencies, AreThePublishedOnes) {
  const float pi = std::numbers::pi_v<float>;
  EXPECT_THAT(rope_frequencies(RopeKind::kPixel, 4), Pointwise(FloatNear(1e-6f), {pi, 5 * pi}));
  EXPECT_THAT(rope_frequencies(RopeKind::kLang, 4), Pointwise(FloatNear(1e-9f), {1.f, 0.01f}));
  EXPECT_THAT(rope_frequencies(RopeKind::kPixel, 3), Pointwise(FloatNear(1e-6f), {pi}));
}

TEST(Rope, TurnsInterleavedPairsAndLeavesTheRest) {
  const Rope rope(RopeKind::kLang, {1.f}, 4);
  std::vector<float> x = {1, 0, 5, 0, 1, 6};  // Two heads of 3.
  rope.rotate(x.data(), 3, 2, 3);
  const float c = std::cos(3.f), s = std::sin(3.f);
  EXPECT_THAT(x, Pointwise(FloatEq(), {c, s, 5.f, -s, c, 6.f}));
}

TEST(Rope, PixelPositionsReachFromMinusOneToOne) {
  const Rope rope(RopeKind::kPixel, {0.5f}, 3);
  for (const int n : {0, 1, 2}) {
    std::vector<float> x = {1, 0};
    rope.rotate(x.data(), n, 1, 2);
    EXPECT_FLOAT_EQ(x[1], std::sin(0.5f * static_cast<float>(n - 1)));
  }
  const Rope alone(RopeKind::kPixel, {0.5f}, 1);
  std::vector<float> x = {1, 0};
  alone.rotate(x.data(), 0, 1, 2);
  EXPECT_FLOAT_EQ(x[1], std::sin(-0.5f));
}

}  // namespace
}  // namespace yourmt3
