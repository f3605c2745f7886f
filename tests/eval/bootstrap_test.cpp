#include "eval/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "eval/distribution.h"
#include "eval/score_report.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

TEST(Distribution, QuantilesLieOnStraightLinesBetweenValues) {
  const std::vector<double> values{4, 1, 3, 2};
  const Distribution where = summarise(values);
  EXPECT_EQ(where.n, 4U);
  EXPECT_EQ(where.mean, 2.5);
  EXPECT_EQ(where.median, 2.5);
  EXPECT_DOUBLE_EQ(where.std_dev, std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(where.p5, 1.15);
  EXPECT_DOUBLE_EQ(where.p95, 3.85);
}

TEST(Distribution, OneValueIsEverywhereAndNoneIsNowhere) {
  const Distribution one = summarise(std::vector<double>{7});
  EXPECT_EQ(one.p5, 7);
  EXPECT_EQ(one.p95, 7);
  EXPECT_EQ(one.std_dev, 0);
  const Distribution none = summarise({});
  EXPECT_EQ(none.n, 0U);
  EXPECT_TRUE(std::isnan(none.mean) && std::isnan(none.median) && std::isnan(none.std_dev) && std::isnan(none.p95));
}

TEST(Bootstrap, EqualUnitsHaveNoUncertainty) {
  const std::vector<ScoreLine> units(5, ScoreLine{10, 10, 7});
  const Interval interval = bootstrap_f1(std::span<const ScoreLine>(units));
  EXPECT_DOUBLE_EQ(interval.low, 0.7);
  EXPECT_DOUBLE_EQ(interval.high, 0.7);
}

TEST(Bootstrap, CoversTheBinomialSpread) {
  // Of 400 notes half are right: the standard error is 0.025, the middle 95 % reach 1.96 of them to either side. With
  // 4000 resamples the ends are known to some 0.002 (standard error of the quantile, doubled).
  std::vector<double> units;
  for (int i = 0; i < 400; ++i) units.push_back(i % 2);
  BootstrapOptions options;
  options.n_resamples = 4000;
  const Interval interval = bootstrap_mean(units, options);
  EXPECT_NEAR(interval.low, 0.5 - 1.96 * 0.025, 0.004);
  EXPECT_NEAR(interval.high, 0.5 + 1.96 * 0.025, 0.004);
  options.confidence = 0.5;
  const Interval narrow = bootstrap_mean(units, options);
  EXPECT_NEAR(narrow.high - narrow.low, 2 * 0.6745 * 0.025, 0.004);
}

TEST(Bootstrap, TheSeedDecides) {
  const std::vector<double> units{0.1, 0.9, 0.3, 0.7, 0.2, 0.25, 0.6};
  BootstrapOptions options;
  options.n_resamples = 20;
  const Interval first = bootstrap_mean(units, options);
  const Interval again = bootstrap_mean(units, options);
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  options.seed = 2;
  const Interval other = bootstrap_mean(units, options);
  EXPECT_TRUE(other.low != first.low || other.high != first.high);
}

TEST(Bootstrap, MissingValuesArePassedOver) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const Interval interval = bootstrap_mean(std::vector<double>{0.5, none, 0.5});
  EXPECT_EQ(interval.low, 0.5);
  EXPECT_EQ(interval.high, 0.5);
  EXPECT_TRUE(std::isnan(bootstrap_mean(std::vector<double>{none, none}).low));
  EXPECT_TRUE(std::isnan(bootstrap_mean({}).high));
}

TEST(Bootstrap, OneUnitWithSomethingToScoreTellsNothingOfTheSpread) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const auto one = [](std::span<const std::size_t>) { return 1.0; };
  EXPECT_TRUE(std::isnan(bootstrap_interval(1, one).low));
  EXPECT_EQ(bootstrap_interval(2, one).high, 1);
  EXPECT_TRUE(std::isnan(bootstrap_mean(std::vector<double>{0.5}).low));
  EXPECT_TRUE(std::isnan(bootstrap_mean(std::vector<double>{none, 0.5, none}).high));
  const std::vector<ScoreLine> lines{{}, {10, 10, 7}, {}};
  EXPECT_TRUE(std::isnan(bootstrap_f1(std::span<const ScoreLine>(lines)).low));
}

TEST(Bootstrap, OptionsOutOfRangeAreErrors) {
  const std::vector<double> units{1, 2};
  EXPECT_THROW(bootstrap_mean(units, {.confidence = 1}), Error);
  EXPECT_THROW(bootstrap_mean(units, {.n_resamples = 0}), Error);
}

}  // namespace
}  // namespace yourmt3
