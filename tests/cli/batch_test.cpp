// Many recordings: journals, shards, and what happens when nothing more can be written.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A folder of recordings, "in", of which every tenth is broken in one way or another.
class Batch : public ::testing::Test {
 protected:
  static constexpr int kRecordings = 30, kBroken = 3;

  void SetUp() override {
    for (int i = 0; i < kRecordings; ++i) {
      const std::string name = fmt::format("in/{}/song{:02}.wav", i % 4, i);
      switch (i) {
        case 4:
          place_.put(name, "");
          break;
        case 14:
          place_.put(name, "RIFF nonsense");
          break;
        case 24:
          place_.put(name, std::string(3000, '\x5a'));
          break;
        default:
          place_.put_tones(name, 0.5 + 0.7 * (i % 5));
      }
    }
  }

  /// transcribe in --output-dir OUTPUT --quiet more...
  ProgramRun run(const std::string& output, std::vector<std::string> more = {}, const RunOptions& options = {}) const {
    more.insert(more.begin(), {place_.path("in"), "--output-dir", place_.path(output), "--quiet"});
    return place_.transcribe(more, options);
  }

  /// Content by path below `folder`; hidden files too.
  std::map<std::string, std::string> files(const std::string& folder) const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place_.path(folder))) {
      const std::string name = std::filesystem::relative(entry.path(), place_.path(folder)).string();
      if (entry.is_regular_file()) found[name] = place_.bytes_of(folder + "/" + name);
    }
    return found;
  }

  /// Of a journal, by input, without the line that names the format.
  std::vector<nlohmann::json> lines(const std::string& journal) const {
    std::vector<nlohmann::json> found;
    std::istringstream text(place_.bytes_of(journal));
    std::string line;
    std::getline(text, line);
    while (std::getline(text, line)) found.push_back(nlohmann::json::parse(line));
    return found;
  }

  Workplace place_;
};

TEST_F(Batch, GoodOnesAreDoneAndBrokenOnesListedWithReasons) {
  const ProgramRun run = this->run("out", {"--journal", place_.path("run.jsonl")});
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(files("out").size(), kRecordings - kBroken);
  EXPECT_THAT(run.err, HasSubstr("3 of 30 recordings failed:\n"));
  for (const char* name : {"song04.wav", "song14.wav", "song24.wav"}) EXPECT_THAT(run.err, HasSubstr(name));
  int done = 0, failed = 0;
  for (const nlohmann::json& line : lines("run.jsonl")) {
    if (line.at("status") == "failed") {
      ++failed;
      EXPECT_THAT(line.at("error").get<std::string>(), Not(IsEmpty()));
      continue;
    }
    ++done;
    EXPECT_EQ(line.at("status"), "done");
    EXPECT_GT(line.at("duration_sec"), 0);
    EXPECT_GT(line.at("seconds"), 0);
  }
  EXPECT_EQ(done, kRecordings - kBroken);
  EXPECT_EQ(failed, kBroken);
}

TEST_F(Batch, TheSameCommandAgainDoesNothingTwice) {
  const std::vector<std::string> journal = {"--journal", place_.path("run.jsonl")};
  ASSERT_EQ(run("out", journal).status, 1);
  const std::string before = place_.bytes_of("run.jsonl");
  const ProgramRun again = run("out", journal);
  EXPECT_EQ(again.status, 1) << "three have failed";
  EXPECT_THAT(again.err, HasSubstr("in an earlier run; --retry-failed tries again"));
  EXPECT_THAT(again.err, HasSubstr("3 of 30 recordings failed:\n"));
  EXPECT_THAT(again.out, IsEmpty());
  EXPECT_EQ(place_.bytes_of("run.jsonl"), before);
  const ProgramRun told = place_.transcribe(
      {place_.path("in"), "--output-dir", place_.path("out"), "--force", "--journal", place_.path("run.jsonl")});
  EXPECT_THAT(told.err, HasSubstr("27 of 30 recordings were done before"));
}

TEST_F(Batch, FailedOnesAreTriedAgainOnDemand) {
  std::vector<std::string> options = {"--journal", place_.path("run.jsonl")};
  ASSERT_EQ(run("out", options).status, 1);
  place_.put_tones("in/2/song14.wav");
  options.push_back("--retry-failed");
  const ProgramRun retried = run("out", options);
  EXPECT_EQ(retried.status, 1);
  EXPECT_THAT(retried.err, HasSubstr("2 of 30 recordings failed:\n"));
  EXPECT_EQ(retried.out, place_.path("out/2/song14.mid") + "\n");
  place_.put_tones("in/0/song04.wav");
  place_.put_tones("in/0/song24.wav");
  EXPECT_EQ(run("out", options).status, 0);
  EXPECT_EQ(files("out").size(), kRecordings);
}

TEST_F(Batch, WhatIsAddedOrRemovedIsDone) {
  const std::vector<std::string> journal = {"--journal", place_.path("run.jsonl")};
  ASSERT_EQ(run("out", journal).status, 1);
  place_.put_tones("in/new.wav");
  std::filesystem::remove(place_.path("out/1/song01.mid"));
  EXPECT_EQ(run("out", journal).out, place_.path("out/1/song01.mid") + "\n" + place_.path("out/new.mid") + "\n");
}

TEST_F(Batch, TheJournalDoesNotTakeOverFilesOfOthers) {
  place_.put("out/1/song01.mid", "mine");
  const std::vector<std::string> journal = {"--journal", place_.path("run.jsonl")};
  EXPECT_THAT(run("out", journal).err, HasSubstr("song01.mid: exists already; use --force to replace it"));
  EXPECT_EQ(place_.bytes_of("out/1/song01.mid"), "mine");
  const ProgramRun skipped = run("out", {"--journal", place_.path("run.jsonl"), "--retry-failed", "--skip-existing"});
  EXPECT_THAT(skipped.err, HasSubstr("3 of 30 recordings failed:\n"));
  EXPECT_EQ(place_.bytes_of("out/1/song01.mid"), "mine");
  EXPECT_EQ(lines("run.jsonl").back().at("status"), "failed");
  EXPECT_EQ(run("out", journal).status, 1);
}

TEST_F(Batch, BytesDependNeitherOnThreadsNorOnCompanyNorOnShards) {
  const std::vector<std::string> formats = {"--format", "midi,json,csv", "--threads"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), formats.begin(), formats.end());
    return more;
  };
  ASSERT_EQ(run("one", with({"1"})).status, 1);
  const auto expected = files("one");
  ASSERT_EQ(expected.size(), 3 * (kRecordings - kBroken));
  for (const char* threads : {"2", "4"}) {
    ASSERT_EQ(run("threads" + std::string(threads), with({threads})).status, 1);
    EXPECT_EQ(files("threads" + std::string(threads)), expected);
  }
  for (const int count : {2, 3, 7}) {
    const std::string folder = fmt::format("shards{}", count);
    for (int number = 1; number <= count; ++number) {
      run(folder, with({"2", "--shard", fmt::format("{}/{}", number, count), "--journal", place_.path("j.jsonl")}));
    }
    EXPECT_EQ(files(folder), expected) << count;
    std::map<std::string, int> times;
    for (int number = 1; number <= count; ++number) {
      for (const auto& line : lines(fmt::format("j.{}-of-{}.jsonl", number, count))) ++times[line.at("input")];
    }
    EXPECT_EQ(times.size(), count == 2 ? kRecordings : kRecordings - kBroken) << "what failed once is not tried again";
    for (const auto& [input, n] : times) EXPECT_EQ(n, 1) << input;
  }
  // Each alone.
  const std::string alone = place_.path("in/1/song01.wav");
  ASSERT_EQ(place_.transcribe({alone, "--output-dir", place_.path("alone"), "--threads", "4"}).status, 0);
  EXPECT_EQ(place_.bytes_of("alone/song01.mid"), expected.at("1/song01.mid"));
}

TEST_F(Batch, AShardGoesOnWithWhatAnotherNumberOfShardsDid) {
  const std::vector<std::string> journal = {"--journal", place_.path("run.jsonl")};
  const auto shard = [&](const std::string& text) {
    return run("out", {"--shard", text, "--journal", place_.path("run.jsonl")});
  };
  shard("1/3");
  shard("2/3");
  const auto before = files("out");
  EXPECT_LT(before.size(), kRecordings - kBroken);
  std::string names;
  for (const char* text : {"1/2", "2/2"}) names += shard(text).out;
  for (const auto& [name, bytes] : before) EXPECT_THAT(names, Not(HasSubstr(name))) << "done twice";
  EXPECT_EQ(files("out").size(), kRecordings - kBroken);
  EXPECT_EQ(run("out", journal).out, "") << "nothing is left";
}

TEST_F(Batch, TheShardComesFromTheLauncher) {
  RunOptions options;
  options.environment = {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "3"}};
  run("auto", {"--shard", "auto"}, options);
  run("said", {"--shard", "2/3"});
  EXPECT_FALSE(files("auto").empty());
  EXPECT_EQ(files("auto"), files("said"));
  EXPECT_EQ(run("none", {"--shard", "auto"}).status, 2);
  EXPECT_EQ(run("none", {"--shard", "4/3"}).status, 2);
  EXPECT_FALSE(place_.has("none"));
}

TEST_F(Batch, OptionsThatMakeNoSenseTogetherAreRefused) {
  EXPECT_EQ(run("out", {"--retry-failed"}).status, 2);
  EXPECT_EQ(place_.transcribe({"-", "--journal", place_.path("run.jsonl")}).status, 2);
  EXPECT_EQ(place_.transcribe({"-", "--shard", "1/2"}).status, 2);
  const ProgramRun none = run("out", {"--journal", place_.put("notes.txt", "my thesis\n")});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("give --journal another name"));
  EXPECT_EQ(place_.bytes_of("notes.txt"), "my thesis\n");
}

TEST_F(Batch, AFullJournalStopsTheRunBeforeAnythingIsUnaccountedFor) {
  const ProgramRun run = this->run("out", {"--journal", "/dev/full"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("/dev/full: cannot write the journal: No space left on device"));
  EXPECT_FALSE(place_.has("out"));
}

TEST_F(Batch, AFileThatMayNotGrowSoLargeFailsAlone) {
  ASSERT_EQ(run("free").status, 1);
  std::vector<std::size_t> sizes;
  for (const auto& [name, bytes] : files("free")) sizes.push_back(bytes.size());
  std::ranges::sort(sizes);
  const std::size_t limit = sizes[sizes.size() / 2];
  RunOptions options;
  options.program = "/usr/bin/prlimit";
  const ProgramRun run =
      run_program({fmt::format("--fsize={}", limit), YOURMT3_TEST_PROGRAM, "transcribe", "--model", place_.model(),
                   "--quiet", place_.path("in"), "--output-dir", place_.path("limited")},
                  options);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("File too large"));
  auto expected = files("free");
  std::erase_if(expected, [&](const auto& file) { return file.second.size() > limit; });
  EXPECT_EQ(files("limited"), expected);
}

/// Runs of the program in a small file system of its own; its files are gone when the command ends.
class SmallDisk : public Batch {
 protected:
  void SetUp() override {
    if (shell("true", "").status != 0) GTEST_SKIP() << "may not mount anything in a user namespace here";
    Batch::SetUp();
  }

  /// Mounts it at `folder`, then runs a script, in which "$@" is the program and what every call of it has in common.
  ProgramRun shell(const std::string& script, const std::string& folder, const std::string& size = "64k") const {
    const std::string disk = place_.path(folder);
    std::filesystem::create_directories(disk);
    RunOptions options;
    options.program = "/usr/bin/unshare";
    options.environment = {{"DISK", disk}};
    return run_program({"--user", "--map-root-user", "--mount", "sh", "-c",
                        "mount -t tmpfs -o size=" + size + " small \"$DISK\" && " + script, "sh", YOURMT3_TEST_PROGRAM,
                        "transcribe", "--quiet", "--model", place_.model(), place_.path("in")},
                       options);
  }
};

TEST_F(SmallDisk, AFullDiskStopsTheRunAndRoomLetsItGoOn) {
  const std::string journal = "--journal " + place_.path("run.jsonl");
  const ProgramRun run = shell("\"$@\" --output-dir \"$DISK\" " + journal +
                                   "; echo status $?; find \"$DISK\" -name '.*' -type f; mount -o remount,size=10m "
                                   "small \"$DISK\"; \"$@\" --output-dir \"$DISK\" " +
                                   journal + "; echo status $?; cp -r \"$DISK\" " + place_.path("kept"),
                               "disk");
  EXPECT_THAT(run.out, HasSubstr("status 1\n"));
  EXPECT_THAT(run.err, HasSubstr("No space left on device"));
  EXPECT_THAT(run.err, ::testing::ContainsRegex("stopped with [0-9]+ of 30 recordings still to do"));
  EXPECT_THAT(run.out, Not(HasSubstr(".part")));
  ASSERT_EQ(this->run("out").status, 1);
  EXPECT_EQ(files("kept"), files("out"));
  std::map<std::string, int> times;
  for (const auto& line : lines("run.jsonl")) ++times[line.at("input")];
  EXPECT_EQ(times.size(), kRecordings);
  for (const auto& [input, n] : times) EXPECT_EQ(n, 1) << input;
}

TEST_F(SmallDisk, AFullDiskCannotHoldTheJournalEither) {
  const ProgramRun run =
      shell("head -c 60k /dev/zero > \"$DISK/zeros\"; \"$@\" --output-dir " + place_.path("out") +
                " --journal \"$DISK/run.jsonl\"; echo status $?; cp \"$DISK/run.jsonl\" " + place_.path("kept.jsonl"),
            "disk");
  EXPECT_THAT(run.out, EndsWith("status 1\n"));
  EXPECT_THAT(run.err, HasSubstr("run.jsonl: cannot write the journal: No space left on device"));
  EXPECT_THAT(place_.bytes_of("kept.jsonl"), EndsWith("}\n"));
  // What it calls done is there, and nothing else.
  std::size_t done = 0;
  for (const auto& line : lines("kept.jsonl")) done += line.at("status") == "done";
  EXPECT_GT(done, 0u);
  EXPECT_EQ(files("out").size(), done);
}

TEST_F(SmallDisk, AReadOnlyFolderLeavesTheOthersAlone) {
  const ProgramRun run =
      shell("mount -o remount,ro \"$DISK\"; \"$@\" --output-dir " + place_.path("out") + "; echo status $?", "out/1");
  EXPECT_THAT(run.out, EndsWith("status 1\n"));
  EXPECT_THAT(run.err, HasSubstr("song01.mid: cannot write: Read-only file system"));
  ASSERT_EQ(this->run("free").status, 1);
  auto expected = files("free");
  std::erase_if(expected, [](const auto& file) { return file.first.starts_with("1/"); });
  EXPECT_EQ(files("out"), expected);
}

}  // namespace
}  // namespace yourmt3::testing
