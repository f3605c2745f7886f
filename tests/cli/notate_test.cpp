#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kDemo = YOURMT3_TEST_SOURCE_DIR "/examples/demo/demo.mid";

TEST(Notate, WritesAScoreBesideTheNotes) {
  const Workplace place;
  place.put("song.csv", "onset_sec,offset_sec,pitch,program\n0,0.5,60,0\n0.5,1,64,0\n1,2,67,0\n");
  const ProgramRun run = run_program({"notate", place.path("song.csv")});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, place.path("song.musicxml") + "\n");
  EXPECT_THAT(place.bytes_of("song.musicxml"), HasSubstr("<work-title>song</work-title>"));
  const ProgramRun again = run_program({"notate", place.path("song.csv")});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("exists already"));
}

TEST(Notate, TheExtensionTellsTheFormat) {
  const Workplace place;
  for (const char* name : {"a.mxl", "a.mid", "a.json"}) {
    EXPECT_EQ(run_program({"notate", kDemo, "-o", place.path(name)}).status, 0);
  }
  EXPECT_THAT(place.bytes_of("a.mxl"), StartsWith("PK"));
  EXPECT_THAT(place.bytes_of("a.mid"), HasSubstr("\xFF\x51\x03"));
  const auto json = nlohmann::json::parse(place.bytes_of("a.json"));
  EXPECT_NEAR(json.at("tempo").get<double>(), 96, 0.5);
  EXPECT_EQ(json.at("key").at("tonic"), "G");
  EXPECT_EQ(run_program({"notate", kDemo, "-o", place.path("a.png")}).status, 2);
  EXPECT_EQ(run_program({"notate", kDemo, "-o", place.path("a.xyz")}).status, 2);
}

TEST(Notate, WritesToStandardOutputUnderATitle) {
  const ProgramRun run = run_program({"notate", kDemo, "-o", "-", "--title", "Tea & biscuits"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("<?xml"));
  EXPECT_THAT(run.out, HasSubstr("<work-title>Tea &amp; biscuits</work-title>"));
}

// MuseScore reads what we write, validates it, and says nothing but what it does.
TEST(Notate, MuseScoreOpensTheScore) {
  constexpr const char* kMuseScore = "/usr/bin/mscore3";
  if (!std::filesystem::exists(kMuseScore)) GTEST_SKIP() << "MuseScore (musescore3) is not installed";
  const Workplace place;
  ASSERT_EQ(run_program({"notate", kDemo, "-o", place.path("demo.musicxml")}).status, 0);
  RunOptions options;
  options.program = kMuseScore;
  options.environment = {{"QT_QPA_PLATFORM", "offscreen"}, {"HOME", place.path("")}};
  const ProgramRun run = run_program({"-o", place.path("back.mid"), place.path("demo.musicxml")}, options);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out + run.err, HasSubstr("success"));
  for (const char* complaint : {"rror", "arning", "invalid", "corrupt", "not allowed"}) {
    EXPECT_THAT(run.out + run.err, Not(HasSubstr(complaint)));
  }
  const ProgramRun score = run_program({"score", place.path("back.mid"), kDemo, "--onset-tolerance", "0.1", "--json"});
  ASSERT_EQ(score.status, 0) << score.err;
  EXPECT_GT(nlohmann::json::parse(score.out).at("onset_f1").get<double>(), 0.97);
}

}  // namespace
}  // namespace yourmt3::testing
