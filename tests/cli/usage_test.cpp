#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(Usage, VersionNamesKernelsAndLibraries) {
  const ProgramRun run = run_program({"--version"});
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.out, StartsWith("yourmt3 "));
  EXPECT_THAT(run.out, HasSubstr("\nkernels: "));
  EXPECT_THAT(run.out, HasSubstr("libsndfile"));
  EXPECT_THAT(run.err, IsEmpty());
}

TEST(Usage, HelpGoesToStandardOutput) {
  const ProgramRun run = run_program({"--help"});
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.out, HasSubstr("Examples:"));
  EXPECT_THAT(run.err, IsEmpty());
}

TEST(Usage, AMissingVerbIsWrongUsage) {
  const ProgramRun run = run_program({});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(run.err, HasSubstr("a verb is missing"));
}

TEST(Usage, AWrongVerbNamesItsNearestNeighbour) {
  const ProgramRun run = run_program({"infos"});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("unknown verb 'infos'; did you mean 'info'?"));
}

TEST(Usage, AWrongOptionNamesItsNearestNeighbour) {
  const ProgramRun run = run_program({"info", "--jsno"});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("unknown option '--jsno'; did you mean '--json'?"));
}

TEST(Usage, InfoOfTheMachineIsTheSameFactsAsJson) {
  const ProgramRun text = run_program({"info"});
  const ProgramRun json = run_program({"info", "--json"});
  ASSERT_EQ(text.status, 0);
  ASSERT_EQ(json.status, 0);
  const nlohmann::json facts = nlohmann::json::parse(json.out);
  EXPECT_GE(facts.at("processors_available"), 1);
  for (const auto& [name, value] : facts.items()) EXPECT_THAT(text.out, HasSubstr(name));
}

TEST(Usage, ResultsThatCannotBeWrittenAreAFailure) {
  if (!std::ifstream("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  RunOptions options;
  options.stdout_path = "/dev/full";
  const ProgramRun run = run_program({"info"}, options);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("cannot write the results"));
}

TEST(Usage, CompletionKnowsEveryVerbInEveryShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const ProgramRun run = run_program({"completion", shell});
    EXPECT_EQ(run.status, 0) << shell;
    for (const char* verb : {"info", "train", "completion"}) EXPECT_THAT(run.out, HasSubstr(verb)) << shell;
    EXPECT_THAT(run.out, HasSubstr("json")) << shell;
  }
  EXPECT_EQ(run_program({"completion", "tcsh"}).status, 2);
}

TEST(Usage, TrainSaysWhatToInstallWhenItsProgramIsMissing) {
  TemporaryFolder folder;
  std::filesystem::copy_file(YOURMT3_TEST_PROGRAM, folder / "yourmt3");
  RunOptions options;
  options.environment["PATH"] = folder.path().string();
  options.program = folder / "yourmt3";
  const ProgramRun run = run_program({"train", "--epochs", "1"}, options);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("libtorch-dev"));
}

TEST(Usage, TrainHandsItsArgumentsOver) {
  TemporaryFolder folder;
  std::filesystem::copy_file(YOURMT3_TEST_PROGRAM, folder / "yourmt3");
  std::ofstream(folder / "yourmt3-train") << "#!/bin/sh\necho \"trained: $*\"\nexit 7\n";
  ::chmod((folder / "yourmt3-train").c_str(), 0755);
  RunOptions options;
  options.program = folder / "yourmt3";
  const ProgramRun run = run_program({"train", "--help", "x y"}, options);
  EXPECT_EQ(run.status, 7);
  EXPECT_EQ(run.out, "trained: train --help x y\n");
}

}  // namespace
}  // namespace yourmt3::testing
