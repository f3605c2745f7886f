// `yourmt3 score`: two files, two folders, and the metrics of others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kHeading = "onset_sec,offset_sec,pitch,program,is_drum,velocity\n";
// Two piano notes, a bass note, a kick.
constexpr const char* kSong = "1,2,60,0,0,20\n2,3,62,0,0,90\n1,2,40,33,0,50\n1,1.01,36,128,1,100\n";
// The first note an octave too high, the bass as a guitar, the kick late, and loudness told by half.
constexpr const char* kHeard = "1,2,72,0,0,10\n2.01,3,62,0,0,45\n1,2,40,24,0,25\n1.02,1.03,36,128,1,50\n";

class ScoreVerb : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& rows) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << kHeading << rows;
    return path;
  }
  std::string path(const std::string& name) const { return folder_ / name; }

  static nlohmann::json json_of(std::vector<std::string> arguments, int status = 0) {
    arguments.insert(arguments.begin(), "score");
    arguments.emplace_back("--json");
    const ProgramRun run = run_program(arguments);
    EXPECT_EQ(run.status, status) << run.err;
    return nlohmann::json::parse(run.out);
  }

  TemporaryFolder folder_;
};

TEST_F(ScoreVerb, SaysWhatIsWrongWithASong) {
  const nlohmann::json json = json_of({write("ref.csv", kSong), write("est.csv", kHeard)});
  EXPECT_EQ(json.at("onset_matched"), 2);
  EXPECT_EQ(json.at("multi_onset_matched"), 2);
  const nlohmann::json& analysis = json.at("analysis");
  EXPECT_EQ(analysis.at("programs").at("matched"), 2);
  EXPECT_EQ(analysis.at("wrong_notes").at("kinds").at("octave_above").at("instead"), 1);
  EXPECT_EQ(analysis.at("confusion").at("paired"), 2);
  EXPECT_EQ(analysis.at("confusion").at("wrong_share"), 0.5);
  EXPECT_NEAR(analysis.at("timing").at("onset_ms").at("mean"), 5, 1e-9);
  EXPECT_EQ(analysis.at("velocity").at("onset").at("matched"), 2);

  const ProgramRun text = run_program({"score", path("ref.csv"), path("est.csv")});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("octave above"));
  EXPECT_THAT(text.out, HasSubstr("Bass as Guitar"));
  EXPECT_THAT(text.err, IsEmpty());
}

TEST_F(ScoreVerb, ClassesDrumsAndToleranceCanBeChosen) {
  const std::string ref = write("ref.csv", kSong), est = write("est.csv", kHeard);
  EXPECT_EQ(json_of({ref, est, "--tolerance", "0.005"}).at("drum_onset_matched"), 0);
  const nlohmann::json solo = json_of({ref, est, "--classes", "BASS_SOLO_CLASS"});
  EXPECT_EQ(solo.at("multi_onset_reference"), 2);
  EXPECT_EQ(solo.at("reference_unclassed"), 2);
  EXPECT_EQ(json_of({ref, est, "--drums", "ksh"}).at("drum_onset_f1"), 1);
  const ProgramRun wrong = run_program({"score", ref, est, "--classes", "GM"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("GM_INSTR_CLASS_PLUS"));
}

TEST_F(ScoreVerb, TheReferencesMetricsHaveItsNames) {
  const nlohmann::json json = json_of({write("ref.csv", kSong), write("est.csv", kHeard), "--reference-metrics"});
  EXPECT_DOUBLE_EQ(json.at("onset_f"), 2.0 / 3);
  EXPECT_EQ(json.at("onset_f_drum"), 1);
  EXPECT_EQ(json.at("onset_f_Bass"), 0);
  EXPECT_TRUE(json.at("onset_f_Guitar").is_null());
  EXPECT_NEAR(json.at("multi_f"), 0.5, 1e-12);
}

TEST_F(ScoreVerb, NotesWithoutLengthAreScoredInEveryWay) {
  const std::string notes = write("zero.csv", "0.5,0.5,60,0,0,80\n");
  EXPECT_EQ(json_of({notes, notes}).at("onset_offset_f1"), 1);
  EXPECT_EQ(json_of({notes, notes, "--reference-metrics"}).at("offset_f"), 1);
  EXPECT_EQ(json_of({notes, notes, "--mir-eval"}).at("all").at("F-measure"), 1);
}

TEST_F(ScoreVerb, MirEvalsScoresAreByInstrument) {
  const std::string ref = write("ref.csv", kSong), est = write("est.csv", kHeard);
  const nlohmann::json json = json_of({ref, est, "--mir-eval"});
  EXPECT_DOUBLE_EQ(json.at("all").at("F-measure"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(json.at("all").at("Average_Overlap_Ratio"), (0.99 + 1) / 2);
  EXPECT_EQ(json.at("Piano").at("Onset_F-measure"), 1);
  EXPECT_EQ(json.at("Piano").at("Multipitch Chroma Recall"), 199.0 / 200);
  EXPECT_EQ(json.at("Bass").at("Recall"), 0);
  EXPECT_EQ(json.at("Drums").at("F-measure_no_offset"), 1);
  const ProgramRun both = run_program({"score", ref, est, "--mir-eval", "--reference-metrics"});
  EXPECT_EQ(both.status, 2);
  EXPECT_EQ(run_program({"score", ref, est, "--mir-eval", "--drums", "ksh"}).status, 2);
}

TEST_F(ScoreVerb, FoldersArePairedByNameAndPooled) {
  write("ref/a.csv", kSong);
  write("est/a.csv", kHeard);
  write("ref/disc 1/b.csv", kSong);
  write("est/disc 1/b.csv", kSong);
  const nlohmann::json json = json_of({path("ref"), path("est")});
  EXPECT_EQ(json.at("files").size(), 2U);
  EXPECT_EQ(json.at("files").at("disc 1/b").at("multi_f1"), 1);
  const nlohmann::json& onset = json.at("scores").at("onset");
  EXPECT_EQ(onset.at("matched"), 5);
  EXPECT_DOUBLE_EQ(onset.at("pooled_f1"), 5.0 / 6);
  EXPECT_DOUBLE_EQ(onset.at("mean_f1"), (2.0 / 3 + 1) / 2);
  EXPECT_DOUBLE_EQ(onset.at("mean_interval").at(0), 2.0 / 3);
  EXPECT_EQ(onset.at("mean_interval").at(1), 1);
  EXPECT_EQ(json.at("instruments").at("Guitar").at("files"), 1);
  EXPECT_EQ(json.at("analysis").at("confusion").at("paired"), 5);
  EXPECT_EQ(json.at("mean_detection").at("programs").at("leakage_ratio"), 1);

  const ProgramRun text = run_program({"score", path("ref"), path("est")});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("disc 1/b"));
  EXPECT_THAT(text.out, HasSubstr("pooled"));
  const ProgramRun csv = run_program({"score", path("ref"), path("est"), "--csv"});
  EXPECT_THAT(csv.out, HasSubstr("\nfile,a,onset,0.6666666666666666,,,0.6666666666666666,0.6666666666666666,3,3,2\n"));
  EXPECT_THAT(csv.out, HasSubstr("\npooled,,onset,0.8333333333333334,"));
  EXPECT_THAT(csv.out, HasSubstr("\nmean,,onset,0.8333333333333333,"));
  const nlohmann::json means = json_of({path("ref"), path("est"), "--reference-metrics"}).at("mean");
  EXPECT_NEAR(means.at("onset_f"), (2.0 / 3 + 1) / 2, 1e-6);
  EXPECT_NEAR(json_of({path("ref"), path("est"), "--mir-eval"}).at("mean").at("all").at("F-measure"), (2.0 / 3 + 1) / 2,
              1e-12);
}

TEST_F(ScoreVerb, WhatIsMissingOrBrokenIsNamedAndTheRestScored) {
  write("ref/a.csv", kSong);
  write("est/a.csv", kSong);
  write("ref/lost.csv", kSong);
  write("est/extra.csv", kSong);
  write("ref/broken.csv", kSong);
  std::ofstream(path("est/broken.json")) << "{";
  std::ofstream(path("est/cover.png")) << "no notes";
  for (const char* mode : {"", "--reference-metrics", "--mir-eval"}) {
    std::vector<std::string> arguments{"score", path("ref"), path("est"), "--csv"};
    if (*mode != '\0') arguments.emplace_back(mode);
    const ProgramRun run = run_program(arguments);
    EXPECT_EQ(run.status, 1) << mode;
    EXPECT_THAT(run.err, HasSubstr("lost.csv: no estimate of that name")) << mode;
    EXPECT_THAT(run.err, HasSubstr("extra.csv: no reference of that name")) << mode;
    EXPECT_THAT(run.err, HasSubstr("broken.json")) << mode;
    EXPECT_THAT(run.err, Not(HasSubstr("cover"))) << mode;
    EXPECT_THAT(run.out, HasSubstr("\nfile,a,")) << mode;
    EXPECT_THAT(run.out, Not(HasSubstr("broken"))) << mode;
  }
}

TEST_F(ScoreVerb, JsonIsTakenBeforeCsvOfTheSameName) {
  write("ref/a.csv", kHeard);
  std::ofstream(path("ref/a.json"))
      << R"({"format": "yourmt3-notes", "version": 1, "notes": [)"
      << R"({"onset_sec": 1, "offset_sec": 2, "pitch": 60, "program": 0, "is_drum": false, "velocity": 1}]})";
  write("est/a.csv", kSong);
  EXPECT_EQ(json_of({path("ref"), path("est")}).at("files").at("a").at("onset_reference"), 1);
}

TEST_F(ScoreVerb, FilesAndFoldersDoNotMix) {
  const std::string file = write("ref/a.csv", kSong);
  const ProgramRun mixed = run_program({"score", path("ref"), file});
  EXPECT_EQ(mixed.status, 2);
  EXPECT_THAT(mixed.err, HasSubstr("one is a folder"));
  const ProgramRun absent = run_program({"score", path("ref"), path("none")});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr("none: no such file or folder"));
  std::filesystem::create_directories(path("x"));
  std::filesystem::create_directories(path("y"));
  EXPECT_EQ(run_program({"score", path("x"), path("y")}).status, 1);
}

TEST_F(ScoreVerb, TheSeedAndTheNumberOfResamplesDecideTheIntervals) {
  for (int i = 0; i < 6; ++i) {
    write("ref/" + std::to_string(i) + ".csv", kSong);
    write("est/" + std::to_string(i) + ".csv", i % 2 == 0 ? kSong : kHeard);
  }
  const auto interval = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{path("ref"), path("est")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json_of(arguments).at("scores").at("onset").at("mean_interval");
  };
  EXPECT_EQ(interval({}), interval({"--seed", "1"}));
  EXPECT_NE(interval({"--resamples", "5", "--seed", "3"}), interval({"--resamples", "5", "--seed", "4"}));
}

}  // namespace
}  // namespace yourmt3::testing
