#include "eval/score_summary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace yourmt3 {
namespace {

ScoreReport with_onsets(const ScoreLine& onset) {
  ScoreReport report;
  report.onset = onset;
  return report;
}

TEST(ScoreSummary, PoolsCountsAndAveragesScores) {
  // A long file that goes well and a short one that fails: 2 * 90 / 220 and (0.9 + 0) / 2.
  const std::vector<ScoreReport> reports{with_onsets({100, 100, 90}), with_onsets({10, 10, 0}), with_onsets({0, 0, 0})};
  const std::vector<LineSummary> summaries = summarise_scores(reports);
  ASSERT_EQ(summaries.size(), kReportLines.size());
  EXPECT_EQ(summaries[0].name, "onset");
  EXPECT_EQ(summaries[0].pooled, (ScoreLine{110, 110, 90}));
  EXPECT_DOUBLE_EQ(summaries[0].mean_f1, 0.45);
  EXPECT_EQ(summaries[0].n_files, 2U);
  EXPECT_EQ(summaries[0].mean_f1_interval.low, 0);
  EXPECT_DOUBLE_EQ(summaries[0].mean_f1_interval.high, 0.9);
  EXPECT_GE(summaries[0].pooled_f1.high, summaries[0].pooled.f1());
}

TEST(ScoreSummary, PoolsInstrumentsByName) {
  ScoreReport a = with_onsets({6, 5, 4}), b = with_onsets({2, 2, 1});
  a.instruments = {{"Piano", {4, 4, 4}, {4, 4, 1}}, {"Bass", {2, 1, 1}, {2, 1, 0}}};
  b.instruments = {{"Piano", {2, 2, 1}, {2, 2, 1}}};
  a.n_estimate_unclassed = 3;
  const ScoreReport pooled = pool_scores(std::vector<ScoreReport>{a, b});
  EXPECT_EQ(pooled.onset, (ScoreLine{8, 7, 5}));
  EXPECT_EQ(pooled.n_estimate_unclassed, 3);
  ASSERT_EQ(pooled.instruments.size(), 2U);
  EXPECT_EQ(pooled.instruments[0].name, "Bass");
  EXPECT_EQ(pooled.instruments[0].onset_offset, (ScoreLine{2, 1, 0}));
  EXPECT_EQ(pooled.instruments[1].onset, (ScoreLine{6, 6, 5}));
  EXPECT_EQ(pooled.instruments[1].onset_offset, (ScoreLine{6, 6, 2}));
}

TEST(ScoreSummary, LinesThatNoFileHasHaveNoScore) {
  const std::vector<LineSummary> summaries = summarise_scores(std::vector<ScoreReport>{with_onsets({1, 1, 1})});
  EXPECT_TRUE(std::isnan(summaries[4].mean_f1));
  EXPECT_TRUE(std::isnan(summaries[4].pooled_f1.low));
  EXPECT_EQ(summaries[4].n_files, 0U);
}

TEST(ScoreSummary, InstrumentsAreAveragedOverTheFilesThatHaveThem) {
  ScoreReport a, b;
  a.instruments = {{"Piano", {4, 4, 4}, {}}, {"Bass", {2, 2, 1}, {}}};
  b.instruments = {{"Piano", {2, 2, 0}, {}}};
  const std::vector<LineSummary> summaries = summarise_instruments(std::vector<ScoreReport>{a, b});
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].name, "Bass");
  EXPECT_EQ(summaries[0].n_files, 1U);
  EXPECT_EQ(summaries[0].mean_f1, 0.5);
  EXPECT_EQ(summaries[1].mean_f1, 0.5);
  EXPECT_DOUBLE_EQ(summaries[1].pooled.f1(), 8.0 / 12);
}

}  // namespace
}  // namespace yourmt3
