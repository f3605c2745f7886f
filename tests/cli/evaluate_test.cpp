// `yourmt3 evaluate`: prepared sets transcribed, and reports on them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Small data sets, rendered with the built-in tones, and the bundled model.
class Evaluate : public ::testing::Test {
 protected:
  void render(const std::string& name, int tracks, int seed) {
    const ProgramRun run = run_program({"synth", "--dataset", path(name), "--soundfont", "tones", "--tracks",
                                        std::to_string(tracks), "--shortest", "4", "--longest", "5", "--max-parts", "2",
                                        "--split", "test", "--seed", std::to_string(seed)});
    ASSERT_EQ(run.status, 0) << run.err;
  }

  ProgramRun evaluate(std::vector<std::string> arguments, const RunOptions& options = {}) {
    arguments.insert(arguments.begin(), "evaluate");
    RunOptions bundled = options;
    bundled.environment["YOURMT3_MODEL"] = std::string(YOURMT3_TEST_SOURCE_DIR) + "/models/default.safetensors";
    return run_program(arguments, bundled);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& name, const std::string& bytes) const { std::ofstream(folder_ / name) << bytes; }

  std::vector<std::string> names(const std::string& folder) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_ / folder))
      found.push_back(entry.path().filename().string());
    std::ranges::sort(found);
    return found;
  }

  TemporaryFolder folder_;
};

TEST_F(Evaluate, WritesAReport) {
  render("band", 3, 4);
  const ProgramRun run = evaluate({"--data", path("band"), "--classes", "GM_INSTR_CLASS_PLUS", "--drums", "ksh",
                                   "--out", path("report"), "--worst", "1"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(names("report"),
              ElementsAre("report.csv", "report.html", "report.json", "report.md", "tracks.csv", "transcriptions"));
  EXPECT_EQ(names("report/transcriptions").size(), 3u);
  EXPECT_THAT(run.out, AllOf(HasSubstr("Onset F1"), HasSubstr("\nband ")));
  EXPECT_THAT(run.err, HasSubstr("report.html"));
  const auto report = nlohmann::json::parse(text("report/report.json"));
  const auto& set = report.at("sets").at(0);
  EXPECT_EQ(set.at("tracks").size(), 3u);
  // The built-in tones are easy to hear.
  EXPECT_GT(set.at("means").at("onset_f").get<double>(), 0.3);
  EXPECT_EQ(report.at("model_hash").get<std::string>().size(), 32u);
  EXPECT_THAT(text("report/report.md"), StartsWith("# band\n"));
  const std::string page = text("report/report.html");
  EXPECT_THAT(page, AllOf(HasSubstr("<title>band</title>"), HasSubstr("data:audio/mpeg;base64,")));
  // What was heard is a file of notes.
  const ProgramRun score = run_program({"score", path("report/transcriptions/" + names("report/transcriptions")[0]),
                                        path("report/transcriptions/" + names("report/transcriptions")[0])});
  EXPECT_EQ(score.status, 0) << score.err;
}

TEST_F(Evaluate, GoesOnAfterAnInterruption) {
  render("band", 12, 5);  // So many that the signal comes before the last.
  const std::vector<std::string> arguments = {"--data",     path("band"), "--threads", "1",
                                              "--no-audio", "--verbose",  "--out"};
  const auto into = [&](const std::string& folder) {
    auto all = arguments;
    all.push_back(path(folder));
    return all;
  };
  RunOptions options;
  options.interrupt_after_bytes = 1;  // The line about the first track.
  const ProgramRun first = evaluate(into("report"), options);
  EXPECT_EQ(first.status, 130);
  EXPECT_THAT(first.err, HasSubstr("the same command goes on from there"));
  EXPECT_THAT(names("report"), ElementsAre("transcriptions"));
  const auto kept = names("report/transcriptions");
  ASSERT_FALSE(kept.empty());
  EXPECT_LT(kept.size(), 12u);
  const auto written = fs::last_write_time(folder_ / ("report/transcriptions/" + kept[0]));

  ASSERT_EQ(evaluate(into("report")).status, 0);
  EXPECT_EQ(names("report/transcriptions").size(), 12u);
  EXPECT_EQ(fs::last_write_time(folder_ / ("report/transcriptions/" + kept[0])), written);
  ASSERT_EQ(evaluate(into("other")).status, 0);
  EXPECT_EQ(text("report/report.csv"), text("other/report.csv"));
  EXPECT_EQ(text("report/report.md"), text("other/report.md"));
}

TEST_F(Evaluate, TakesSeveralSetsFromAFile) {
  render("one", 2, 6);
  render("two", 1, 7);
  write("sets.toml",
        "title = \"Two & more\"\n"
        "[[set]]\nname = \"slakh\"\nstore = \"one\"\nclasses = \"GM_INSTR_CLASS\"\ndrums = \"ksh\"\n"
        "[[set]]\nname = \"own\"\nstore = \"two\"\n");
  const ProgramRun run = evaluate({"--sets", path("sets.toml"), "--data-root", path("."), "--limit-tracks", "1",
                                   "--max-seconds", "2.5", "--no-audio", "--json", "--out", path("report")});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto report = nlohmann::json::parse(run.out);
  EXPECT_EQ(report, nlohmann::json::parse(text("report/report.json")));
  EXPECT_EQ(report.at("title"), "Two & more");
  ASSERT_EQ(report.at("sets").size(), 2u);
  EXPECT_EQ(report.at("sets").at(0).at("tracks").size(), 1u);
  EXPECT_EQ(report.at("sets").at(0).at("seconds"), 2.5);
  EXPECT_EQ(report.at("sets").at(0).at("published").at("systems").size(), 2u);
  EXPECT_TRUE(report.at("sets").at(1).at("published").is_null());
  EXPECT_THAT(text("report/report.html"), HasSubstr("<title>Two &amp; more</title>"));
}

TEST_F(Evaluate, SaysWhatIsWrongWithAStoreBeforeTheWork) {
  EXPECT_EQ(evaluate({}).status, 2);
  EXPECT_EQ(evaluate({"--data", path("a"), "--sets", path("b")}).status, 2);
  EXPECT_THAT(evaluate({"--sets", path("b"), "--classes", "GM_INSTR_CLASS"}).err,
              AllOf(HasSubstr("--classes"), HasSubstr("--data")));
  EXPECT_THAT(evaluate({"--data", path("a"), "--data-root", "."}).err, HasSubstr("--sets"));
  const auto failure = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--out", path("report")});
    const ProgramRun run = evaluate(arguments);
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_FALSE(fs::exists(folder_ / "report"));
    return run.err;
  };
  EXPECT_THAT(failure({"--data", path("nowhere")}), HasSubstr("is this the folder of a prepared data set?"));
  render("band", 1, 8);
  EXPECT_THAT(failure({"--data", path("band"), "--split", "validation"}),
              HasSubstr("no track of split 'validation'; there are: test"));
  EXPECT_THAT(failure({"--data", path("band"), "--classes", "GM"}), HasSubstr("GM_INSTR_CLASS"));
  EXPECT_THAT(failure({"--data", path("band"), "--model", path("none")}), HasSubstr("none"));
  write("file", "");
  const ProgramRun in_a_file = evaluate({"--data", path("band"), "--out", path("file")});
  EXPECT_EQ(in_a_file.status, 1);
  EXPECT_THAT(in_a_file.err, AllOf(HasSubstr("give another folder by --out"), Not(HasSubstr("track"))));
  const std::string notes = "band/" + nlohmann::json::parse(text("band/index.jsonl")).at("notes").get<std::string>();
  write(notes, text(notes).substr(0, 20));
  EXPECT_THAT(failure({"--data", path("band")}), HasSubstr("notes.json"));
  write("band/index.jsonl", "{}\n");
  EXPECT_THAT(failure({"--data", path("band")}), HasSubstr("index.jsonl, line 1"));
}

}  // namespace
}  // namespace yourmt3::testing
