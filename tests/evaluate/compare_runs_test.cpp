// Runs over one set, compared with the first and with the reference.
#include "evaluate/compare_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "evaluate/small_sets.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CompareRunsTest : public ::testing::Test {
 protected:
  CompareRunsTest() {
    StoreWriter writer(folder_ / "band");
    add_track(writer, "a", {0, 33}, 4);
    add_track(writer, "b", {0, kDrumProgram}, 4);
    writer.commit();
  }

  OpenedSet set() const {
    EvaluationSet set;
    set.name = "band";
    set.store = folder_ / "band";
    return OpenedSet(set);
  }

  /// The right notes, those of `late_program` shifted out of any tolerance.
  NamedRun run(const std::string& name, int late_program) const {
    NamedRun run{name, {set(), {}, {}}};
    for (const EvaluationTrack& item : run.result.set.tracks()) {
      TimedTranscription heard;
      heard.seconds = 2;
      heard.heard.n_tokens = 10;
      for (const Note& note : run.result.set.reference(item)) {
        const std::vector<Note> one{note};
        heard.heard.notes.push_back(partly_right(one, note.program == late_program ? 0 : 1).front());
      }
      run.result.tracks.push_back(score_track(run.result.set, item, heard));
    }
    return run;
  }

  TemporaryFolder folder_;
};

const ScoreLine& onsets(const ScoreReport& report, const std::string& instrument) {
  static const ScoreLine none;
  for (const InstrumentScore& score : report.instruments) {
    if (score.name == instrument) return score.onset;
  }
  return none;
}

TEST_F(CompareRunsTest, ScoresAgainstTheFirstRunAndTheReference) {
  // The first misses the basses, the second the pianos.
  const RunComparison comparison = compare_runs(std::vector<NamedRun>{run("f32", 33), run("int8", 0)});
  EXPECT_EQ(comparison.set, "band");
  EXPECT_EQ(comparison.n_tracks, 2U);
  EXPECT_EQ(comparison.audio_sec, 8);
  ASSERT_EQ(comparison.runs.size(), 2U);
  const RunScores &first = comparison.runs[0], &second = comparison.runs[1];
  EXPECT_EQ(first.seconds, 4);
  EXPECT_EQ(second.n_tokens, 20);
  EXPECT_EQ(first.to_first.multi.f1(), 1);
  EXPECT_EQ(onsets(first.to_reference, "Piano").f1(), 1);
  EXPECT_EQ(onsets(first.to_reference, "Bass").f1(), 0);
  EXPECT_EQ(onsets(second.to_reference, "Piano").f1(), 0);
  EXPECT_EQ(onsets(second.to_reference, "Bass").f1(), 1);
  EXPECT_EQ(onsets(second.to_first, "Piano").f1(), 0);
  EXPECT_EQ(onsets(second.to_first, "Bass").f1(), 0);
  EXPECT_EQ(onsets(second.to_first, "Drums").f1(), 1);
  // Sixteen notes of piano, of which eight in each track; eight of bass; eight of drums.
  EXPECT_EQ(second.to_reference.multi_onset.n_reference, first.n_notes);
}

TEST_F(CompareRunsTest, WritesTablesAndJson) {
  const RunComparison comparison = compare_runs(std::vector<NamedRun>{run("f32", -1), run("int8", 33)});
  const std::string text = comparison_markdown(comparison);
  EXPECT_THAT(text, AllOf(HasSubstr("band: 2 tracks, 8.0 s"), HasSubstr("| f32 | 2.0 | 20 |"),
                          HasSubstr("| Bass | 8 | 100.00 / 100.00 | 0.00 / 0.00 | 0.00 / 0.00 |"),
                          HasSubstr("| Drums | 8 | 100.00 / 100.00 | 100.00 / 100.00 | 100.00 / 100.00 |")));
  const auto json = comparison_json(comparison);
  EXPECT_EQ(json.at("runs").at(1).at("name"), "int8");
  EXPECT_EQ(json.at("runs").at(1).at("to_first").at("multi_onset_matched"), 24);
  EXPECT_EQ(json.at("runs").at(0).at("to_reference").at("multi_onset_f1"), 1);
}

TEST_F(CompareRunsTest, RefusesRunsOverOtherTracks) {
  EXPECT_THROW(compare_runs({}), Error);
  NamedRun shorter = run("int8", -1);
  shorter.result.tracks.pop_back();
  EXPECT_THROW(compare_runs(std::vector<NamedRun>{run("f32", -1), shorter}), Error);
}

}  // namespace
}  // namespace yourmt3::testing
