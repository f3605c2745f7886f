// Tables and data of reports: the numbers of the metrics, published ones beside them, and what tells nothing.
#include "evaluate/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "evaluate/mean_intervals.h"
#include "evaluate/small_reports.h"
#include "evaluate/worst_tracks.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line + ",");
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

std::string cell_of(const std::vector<std::vector<std::string>>& rows, std::size_t row, const std::string& column) {
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    if (rows[0][i] == column) return rows[row].at(i);
  }
  return "no column " + column;
}

TEST(Report, JsonHoldsTheMetricsOfTracksAndTheirMeans) {
  const SmallReports small;
  const EvaluationReport report = small.report();
  const auto json = report_json(report);
  EXPECT_EQ(json.at("format"), "yourmt3-evaluation");
  EXPECT_EQ(json.at("title"), "Small sets");
  for (std::size_t s = 0; s < report.sets.size(); ++s) {
    const SetResult& result = report.sets[s];
    const auto& set = json.at("sets").at(s);
    EXPECT_EQ(set.at("tracks").size(), result.tracks.size());
    EXPECT_EQ(set.at("means").size(), result.means.size());
    for (const auto& [metric, mean] : result.means) {
      const auto& written = set.at("means").at(metric);
      EXPECT_TRUE(std::isnan(mean) ? written.is_null() || std::isnan(written.get<double>()) : written == mean)
          << metric;
    }
    for (std::size_t t = 0; t < result.tracks.size(); ++t) {
      const auto& track = set.at("tracks").at(t);
      EXPECT_EQ(track.at("reference_notes"), result.tracks[t].reference.size());
      EXPECT_EQ(track.at("transcription"), result.tracks[t].kept_as);
      EXPECT_EQ(track.at("metrics").at("onset_f"), score_of(result.tracks[t].metrics, "onset_f"));
    }
  }
  // What it is read as by others: absent scores are null.
  const auto read = nlohmann::json::parse(json.dump());
  EXPECT_TRUE(read.at("sets").at(0).at("means").at("onset_f_Brass").is_null());
  EXPECT_EQ(read.at("sets").at(0).at("analysis").at("confusion").at("paired"),
            json.at("sets").at(0).at("analysis").at("confusion").at("paired"));
}

TEST(Report, CsvHasARowForEverySetAndPublishedSystem) {
  const SmallReports small;
  const EvaluationReport report = small.report();
  const auto rows = rows_of(report_csv(report));
  ASSERT_EQ(rows.size(), 1u + 3u + 3u);  // Slakh and MIR-ST500, each measured and by two systems.
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(cell_of(rows, 1, "set"), "slakh");
  EXPECT_EQ(cell_of(rows, 1, "system"), "measured");
  EXPECT_EQ(cell_of(rows, 1, "tracks"), "3");
  EXPECT_EQ(std::stod(cell_of(rows, 1, "onset_f")), report.sets[0].means.at("onset_f"));
  EXPECT_EQ(cell_of(rows, 1, "onset_f_Brass"), "");
  EXPECT_EQ(std::stod(cell_of(rows, 2, "onset_f")), 0.8419);
  EXPECT_EQ(cell_of(rows, 4, "set"), "mir_st500");
}

TEST(Report, TracksCsvHasARowForEveryTrack) {
  const SmallReports small;
  const EvaluationReport report = small.report();
  const auto rows = rows_of(tracks_csv(report));
  ASSERT_EQ(rows.size(), 1u + 3u + 1u);
  EXPECT_EQ(cell_of(rows, 2, "track"), "b");
  EXPECT_EQ(std::stod(cell_of(rows, 2, "offset_f_Piano")),
            score_of(report.sets[0].tracks[1].metrics, "offset_f_Piano"));
  EXPECT_EQ(cell_of(rows, 2, "onset_f_drum"), "");
}

TEST(Report, CsvQuotesNames) {
  const SmallReports small;
  EvaluationReport report = small.report();
  EvaluationSet options = small.band();
  options.name = "a \"set\", ours";
  report.sets = {half_right(options)};
  EXPECT_THAT(report_csv(report), HasSubstr("\n\"a \"\"set\"\", ours\",measured,3,"));
}

TEST(Report, MarkdownPutsPublishedValuesBelowMeasuredOnes) {
  const SmallReports small;
  const EvaluationReport report = small.report();
  const std::string text = report_markdown(report);
  const auto& means = report.sets[0].means;
  EXPECT_THAT(text,
              HasSubstr(fmt::format("| **slakh**, 3 tracks | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} |\n"
                                    "| YPTF.MoE+Multi (noPS), published | 84.19 | 69.61 | 84.87 | 73.98 | 90.41 |\n"
                                    "| YMT3+, published | 77.75 | 60.83 | – | – | 86.38 |\n",
                                    100 * means.at("onset_f"), 100 * means.at("offset_f"), 100 * means.at("frame_f"),
                                    100 * means.at("multi_f"), 100 * means.at("onset_f_drum"))));
  EXPECT_THAT(
      text, HasSubstr(fmt::format("| **Bass** | {:.2f} | {:.2f} | {:.2f} | {:.2f} |\n", 100 * means.at("onset_f_Bass"),
                                  100 * means.at("offset_f_Bass"), 100 * means.at("micro_onset_f_Bass"),
                                  100 * means.at("micro_offset_f_Bass"))));
  EXPECT_THAT(text, HasSubstr("| YPTF.MoE+Multi (noPS), published | 93.03 | 85.09 | 93.29 | 86.96 |"));
}

TEST(Report, NamesTheSourceOfPublishedValuesWhereThereAreAny) {
  const SmallReports small;
  EvaluationReport report = small.report();
  EXPECT_THAT(report_markdown(report), HasSubstr("Published values: "));
  EvaluationSet own = small.band();
  own.name = "own";
  report.sets = {half_right(own)};
  EXPECT_THAT(report_markdown(report), Not(HasSubstr("ublished")));
}

TEST(Report, MarksWhatTellsNothing) {
  const SmallReports small;
  EvaluationReport report = small.report();
  EXPECT_TRUE(meaningless(report.sets[1], "onset_f"));
  EXPECT_FALSE(meaningless(report.sets[1], "onset_f_Singing Voice"));
  EXPECT_FALSE(meaningless(report.sets[0], "onset_f"));
  std::string text = report_markdown(report);
  EXPECT_THAT(text, HasSubstr("- mir_st500: † only some instruments are annotated"));
  EXPECT_THAT(text, HasSubstr("| YPTF.MoE+Multi (noPS), published | 14.20 † | 10.48 † | 17.17 † | 39.45 † | – |"));
  report.sets[1] = half_right(small.voice(false));
  EXPECT_FALSE(meaningless(report.sets[1], "onset_f"));
  text = report_markdown(report);
  EXPECT_THAT(text,
              HasSubstr("- mir_st500: only some instruments are annotated; what was heard of others is left out."));
  EXPECT_THAT(text, Not(HasSubstr("- mir_st500: †")));
}

TEST(Report, SaysThatOnlyAPartWasScored) {
  const SmallReports small;
  EvaluationReport report = small.report();
  EXPECT_THAT(report_markdown(report), Not(HasSubstr("only the first")));
  EvaluationSet options = small.band();
  options.limit_tracks = 2;
  options.max_seconds = 2.5;
  report.sets = {half_right(options)};
  EXPECT_THAT(report_markdown(report), HasSubstr("\n- slakh: only the first 2.5 s of each track.\n"
                                                 "- slakh: at most the first 2 tracks.\n"));
  EXPECT_EQ(report_json(report).at("sets").at(0).at("remarks").get<std::vector<std::string>>(),
            remarks(report.sets[0]));
}

TEST(Report, ListsTheInstrumentsThatAreScoredOrPublished) {
  const SmallReports small;
  const auto names = [](const SetResult& result) {
    std::vector<std::string> list;
    for (const ScoredClass& row : scored_classes(result)) list.push_back(row.heading);
    return list;
  };
  EXPECT_EQ(names(half_right(small.band())).size(), 12u);  // All classes of Slakh are published, and drums.
  EvaluationSet own = small.band();
  own.name = "own";
  own.pitch_class_for = {"bass"};
  EXPECT_THAT(names(half_right(own)), ElementsAre("Piano", "Bass", "Bass, octaves folded", "Strings", "Drums"));
}

TEST(MeanIntervals, HoldTheMeansAndAreAbsentForSingleTracks) {
  const SmallReports small;
  const SetResult result = half_right(small.band());
  const auto intervals = mean_intervals(result);
  for (const char* metric : {"onset_f", "multi_f", "micro_onset_f_Piano", "frame_f"}) {
    ASSERT_TRUE(intervals.contains(metric)) << metric;
    const Interval interval = intervals.at(metric);
    EXPECT_LT(interval.low, interval.high) << metric;
    EXPECT_GE(result.means.at(metric), interval.low - 1e-6) << metric;  // Means are kept in float32.
    EXPECT_LE(result.means.at(metric), interval.high + 1e-6) << metric;
  }
  EXPECT_FALSE(intervals.contains("onset_f_Strings"));  // In one track.
  EXPECT_FALSE(intervals.contains("onset_f_Brass"));    // In none.
  EXPECT_TRUE(mean_intervals(half_right(small.voice(false))).empty());
}

TEST(WorstTracks, ComeWorstFirst) {
  const SmallReports small;
  const SetResult result = half_right(small.band());
  EXPECT_EQ(ranking_metric(result), "multi_f");
  const auto worst = worst_tracks(result, 2);
  ASSERT_EQ(worst.size(), 2u);
  EXPECT_EQ(worst[0], 1u);
  EXPECT_EQ(worst_tracks(result, 10).size(), 3u);
  EXPECT_TRUE(worst_tracks(result, 0).empty());
}

TEST(WorstTracks, NothingIsWorseThanHearingNothing) {
  const SmallReports small;
  SetResult result = half_right(small.band());
  result.tracks[2] = score_track(result.set, result.tracks[2].item, {});
  EXPECT_TRUE(std::isnan(score_of(result.tracks[2].metrics, "multi_f")));
  EXPECT_EQ(worst_tracks(result, 1), std::vector<std::size_t>{2});
}

TEST(WorstTracks, AreFoundByAScoreThatTheTracksHave) {
  const SmallReports small;
  EvaluationSet options = small.band();
  options.classes.clear();
  SetResult result = half_right(options);
  EXPECT_EQ(ranking_metric(result), "onset_f");
  result.tracks.erase(result.tracks.begin(), result.tracks.begin() + 2);  // Bass and drums.
  for (TrackResult& track : result.tracks)
    std::erase_if(track.reference, [](const Note& note) { return !note.is_drum; });
  for (TrackResult& track : result.tracks) {
    track.metrics = compute_track_metrics(track.reference, track.estimate, result.set.metrics());
  }
  EXPECT_EQ(ranking_metric(result), "onset_f_drum");
  EXPECT_EQ(worst_tracks(result, 1).size(), 1u);
}

}  // namespace
}  // namespace yourmt3::testing
