#include "experiment/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace yourmt3 {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
using Rows = std::vector<std::vector<double>>;

TEST(Spread, IsMeanAndSampleDeviation) {
  const Spread spread = spread_of(std::vector<double>{1, 2, kNan, 6});
  EXPECT_EQ(spread.count, 3u);
  EXPECT_DOUBLE_EQ(spread.mean, 3);
  EXPECT_DOUBLE_EQ(spread.deviation, std::sqrt((4.0 + 1 + 9) / 2));
  EXPECT_EQ(spread_of(std::vector<double>{5}).deviation, 0);
  EXPECT_TRUE(std::isnan(spread_of({}).mean));
}

TEST(TrackMeans, AreOverTheRepetitionsThatHaveAScore) {
  const auto means = track_means(Rows{{1, kNan, kNan}, {3, 4, kNan}});
  ASSERT_EQ(means.size(), 3u);
  EXPECT_EQ(means[0], 2);
  EXPECT_EQ(means[1], 4);
  EXPECT_TRUE(std::isnan(means[2]));
}

TEST(MeanInterval, HoldsTheMeanAndShrinksWithMoreTracks) {
  Rows few(1), many(1);
  for (int i = 0; i < 8; ++i) few[0].push_back(i % 2);
  for (int i = 0; i < 200; ++i) many[0].push_back(i % 2);
  const auto wide = mean_interval(few), narrow = mean_interval(many);
  ASSERT_TRUE(wide && narrow);
  EXPECT_LT(wide->low, 0.5);
  EXPECT_GT(wide->high, 0.5);
  EXPECT_LT(narrow->high - narrow->low, 0.5 * (wide->high - wide->low));
  EXPECT_FALSE(mean_interval(Rows{{0.5, kNan}})) << "one track tells nothing about others";
}

TEST(DifferenceInterval, IsPaired) {
  // Tracks differ far more from each other than the two do on any track.
  const Rows a = {{0.1, 0.5, 0.9, 0.3}}, b = {{0.05, 0.45, 0.85, 0.25}};
  const auto interval = difference_interval(a, b);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 0.05, 1e-9);
  EXPECT_NEAR(interval->high, 0.05, 1e-9);
}

}  // namespace
}  // namespace yourmt3
