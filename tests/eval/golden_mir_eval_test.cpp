// The expected values that come with mir_eval. They may not be copied here: the test runs where a folder of recordings
// has them (YOURMT3_GOLDEN_DIR), and says so where it has not.

#include <gtest/gtest.h>

#include "eval/multipitch.h"
#include "eval/transcription_scores.h"
#include "support/golden.h"

namespace yourmt3::testing {
namespace {

using nlohmann::json;

// mir_eval computes in another order; values are at most some units.
constexpr double kTolerance = 1e-9;

std::vector<SoundingPitch> notes_from(const json& rows) {
  std::vector<SoundingPitch> notes;
  for (const json& row : rows) notes.push_back({row.at(0), row.at(1), row.at(2)});
  return notes;
}

void expect_scores(const MatchScore& found, const json& expected, const std::string& precision,
                   const std::string& recall, const std::string& f, const std::string& name) {
  EXPECT_NEAR(found.precision(), expected.at(precision), kTolerance) << name;
  EXPECT_NEAR(found.recall(), expected.at(recall), kTolerance) << name;
  EXPECT_NEAR(found.f1(), expected.at(f), kTolerance) << name;
}

TEST(GoldenMirEval, TranscriptionPairsScoreAsInMirEval) {
  const std::string relative = "metrics/mir_eval_transcription.json";
  if (!golden_exists(relative)) GTEST_SKIP() << relative << " is not in " << golden_dir();
  const json cases = golden_json(relative).at("cases");
  ASSERT_FALSE(cases.empty());
  for (const json& item : cases) {
    const std::string name = item.at("name");
    const json& expected = item.at("expected");
    const auto reference = notes_from(item.at("ref"));
    const auto estimate = notes_from(item.at("est"));
    const TranscriptionScores found = score_transcription(reference, estimate);
    expect_scores(found.onset_offset, expected, "Precision", "Recall", "F-measure", name);
    expect_scores(found.no_offset, expected, "Precision_no_offset", "Recall_no_offset", "F-measure_no_offset", name);
    EXPECT_NEAR(found.overlap, expected.at("Average_Overlap_Ratio"), kTolerance) << name;
    EXPECT_NEAR(found.overlap_no_offset, expected.at("Average_Overlap_Ratio_no_offset"), kTolerance) << name;
    expect_scores(found.onset, expected, "Onset_Precision", "Onset_Recall", "Onset_F-measure", name);
    expect_scores(found.offset, expected, "Offset_Precision", "Offset_Recall", "Offset_F-measure", name);
  }
}

PitchFrames frames_from(const json& rows) {
  PitchFrames frames;
  for (const json& row : rows) {
    frames.times_sec.push_back(row.at(0));
    frames.frequencies_hz.emplace_back(row.begin() + 1, row.end());
  }
  return frames;
}

void expect_multipitch(const MultipitchScore& found, const json& expected, const std::string& chroma,
                       const std::string& name) {
  EXPECT_NEAR(found.precision, expected.at(chroma + "Precision"), kTolerance) << name;
  EXPECT_NEAR(found.recall, expected.at(chroma + "Recall"), kTolerance) << name;
  EXPECT_NEAR(found.accuracy, expected.at(chroma + "Accuracy"), kTolerance) << name;
  EXPECT_NEAR(found.substitution_error, expected.at(chroma + "Substitution Error"), kTolerance) << name;
  EXPECT_NEAR(found.miss_error, expected.at(chroma + "Miss Error"), kTolerance) << name;
  EXPECT_NEAR(found.false_alarm_error, expected.at(chroma + "False Alarm Error"), kTolerance) << name;
  EXPECT_NEAR(found.total_error, expected.at(chroma + "Total Error"), kTolerance) << name;
}

TEST(GoldenMirEval, MultipitchPairsScoreAsInMirEval) {
  const std::string relative = "metrics/mir_eval_multipitch.json";
  if (!golden_exists(relative)) GTEST_SKIP() << relative << " is not in " << golden_dir();
  const json cases = golden_json(relative).at("cases");
  ASSERT_FALSE(cases.empty());
  for (const json& item : cases) {
    const PitchFrames reference = frames_from(item.at("ref"));
    const PitchFrames estimate = frames_from(item.at("est"));
    expect_multipitch(score_multipitch(reference, estimate, false), item.at("expected"), "", item.at("name"));
    expect_multipitch(score_multipitch(reference, estimate, true), item.at("expected"), "Chroma ", item.at("name"));
  }
}

}  // namespace
}  // namespace yourmt3::testing
