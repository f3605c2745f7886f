#include "cli/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "cli/content_hash.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Existing = AtomicFile::Existing;
namespace fs = std::filesystem;

class JournalTest : public ::testing::Test {
 protected:
  Job job(const std::string& name) const {
    return {"in/" + name + ".wav", {{NoteFormat::kMidi, folder_ / (name + ".mid")}}, "", name + ".wav"};
  }
  fs::path file() const { return folder_ / "run.jsonl"; }
  static std::uint64_t hash(std::string_view text) { return content_hash(std::as_bytes(std::span(text))); }

  void put(const fs::path& path, std::string_view text, std::ios::openmode mode = {}) const {
    std::ofstream(path, std::ios::binary | std::ios::out | mode) << text;
  }
  std::string content(const fs::path& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// Its file is written, too.
  void do_job(Journal& journal, const Job& job) const {
    const std::uint64_t hashes[] = {hash("notes")};
    journal.add(job, {{"input", job.input.string()}, {"status", "done"}}, hashes);
    put(job.files.front().path, "notes");
  }
  static void fail_job(Journal& journal, const Job& job, const std::string& reason) {
    journal.add(job, {{"input", job.input.string()}, {"status", "failed"}, {"error", reason}}, {});
  }

  std::string refusal(const fs::path& path) const {
    try {
      const Journal journal(path, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  testing::TemporaryFolder folder_;
};

TEST_F(JournalTest, RemembersWhatWasDoneAndWhatFailed) {
  {
    Journal journal(file(), {});
    do_job(journal, job("a"));
    fail_job(journal, job("b"), "no music");
  }
  const Journal journal(file(), {});
  EXPECT_TRUE(journal.has_done(job("a"), Existing::kRefuse));
  EXPECT_FALSE(journal.failure(job("a")));
  EXPECT_FALSE(journal.has_done(job("b"), Existing::kRefuse));
  EXPECT_EQ(journal.failure(job("b")), "no music");
  EXPECT_FALSE(journal.has_done(job("c"), Existing::kRefuse));
  EXPECT_FALSE(journal.failure(job("c")));
}

TEST_F(JournalTest, IsLinesOfJsonBehindOneThatNamesTheFormat) {
  {
    Journal journal(file(), {});
    do_job(journal, job("a"));
  }
  std::ifstream stream(file());
  std::string line;
  ASSERT_TRUE(std::getline(stream, line));
  EXPECT_EQ(nlohmann::json::parse(line), nlohmann::json::parse(R"({"format": "yourmt3-journal", "version": 1})"));
  ASSERT_TRUE(std::getline(stream, line));
  const auto done = nlohmann::json::parse(line);
  EXPECT_EQ(done.at("input"), "in/a.wav");
  EXPECT_EQ(done.at("status"), "done");
  EXPECT_EQ(done.at("outputs").at("midi"), (folder_ / "a.mid").string());
  EXPECT_THAT(done.at("output_hashes").at("midi").get<std::string>(), ::testing::SizeIs(16));
  EXPECT_THAT(done.at("time").get<std::string>(), ::testing::MatchesRegex("....-..-..T..:..:..Z"));
  EXPECT_FALSE(std::getline(stream, line));
}

TEST_F(JournalTest, TheLastLineOfARecordingCounts) {
  {
    Journal journal(file(), {});
    fail_job(journal, job("a"), "disk on fire");
    do_job(journal, job("a"));
    do_job(journal, job("b"));
    fail_job(journal, job("b"), "cannot rename");
  }
  const Journal journal(file(), {});
  EXPECT_TRUE(journal.has_done(job("a"), Existing::kRefuse));
  EXPECT_FALSE(journal.failure(job("a")));
  EXPECT_FALSE(journal.has_done(job("b"), Existing::kRefuse));
  EXPECT_EQ(journal.failure(job("b")), "cannot rename");
}

TEST_F(JournalTest, WhatIsNoLongerThereOrWasNotAskedForIsNotDone) {
  {
    Journal journal(file(), {});
    do_job(journal, job("a"));
    do_job(journal, job("b"));
  }
  fs::remove(folder_ / "a.mid");
  const Journal journal(file(), {});
  EXPECT_FALSE(journal.has_done(job("a"), Existing::kRefuse));
  Job more = job("b");
  more.files.push_back({NoteFormat::kCsv, folder_ / "b.csv"});
  put(folder_ / "b.csv", "somebody's");
  EXPECT_FALSE(journal.has_done(more, Existing::kRefuse));
}

TEST_F(JournalTest, PathsAreTheSameHoweverTheyAreWritten) {
  Job strange = job("a");
  strange.input = "./in//\xff.wav";
  {
    Journal journal(file(), {});
    const std::uint64_t hashes[] = {hash("notes")};
    journal.add(strange, {{"input", strange.input.string()}, {"status", "done"}}, hashes);
    put(strange.files.front().path, "notes");
  }
  const Journal journal(file(), {});
  EXPECT_TRUE(journal.has_done(strange, Existing::kRefuse));
  strange.input = "in/\xff.wav";
  strange.files.front().path = folder_.path() / "." / "a.mid";
  EXPECT_TRUE(journal.has_done(strange, Existing::kRefuse));
}

TEST_F(JournalTest, AHalfLineIsTakenAwayWhereverItBreaksOff) {
  {
    Journal journal(file(), {});
    do_job(journal, job("a"));
    do_job(journal, job("b"));
  }
  const std::string whole = content(file());
  const std::size_t end_of_a = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t left = 0; left <= whole.size(); left += left < 20 ? 1 : 13) {
    const std::size_t size = whole.size() - left;
    put(file(), whole.substr(0, size), std::ios::trunc);
    {
      Journal journal(file(), {});
      EXPECT_EQ(journal.has_done(job("a"), Existing::kRefuse), size >= end_of_a) << size;
      EXPECT_EQ(journal.has_done(job("b"), Existing::kRefuse), size == whole.size()) << size;
      fail_job(journal, job("c"), "no music");
    }
    EXPECT_EQ(Journal(file(), {}).failure(job("c")), "no music") << size;
  }
}

TEST_F(JournalTest, APutInPlaceThatWasKilledIsCompleted) {
  const pid_t child = ::fork();
  if (child == 0) {
    Journal journal(file(), {});
    AtomicFile output(folder_ / "a.mid");
    output.write("notes");
    output.sync();
    const std::uint64_t hashes[] = {hash("notes")};
    journal.add(job("a"), {{"input", "in/a.wav"}, {"status", "done"}}, hashes);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_FALSE(fs::exists(folder_ / "a.mid"));
  EXPECT_TRUE(Journal(file(), {}).has_done(job("a"), Existing::kRefuse));
  EXPECT_EQ(content(folder_ / "a.mid"), "notes");
}

TEST_F(JournalTest, BelongsToOneProcessAtATime) {
  const Journal journal(file(), {});
  EXPECT_THAT(refusal(file()), HasSubstr("another process is writing this journal"));
}

TEST_F(JournalTest, KnowsWhatOtherShardsOfAnyNumberDid) {
  Journal first(file(), {0, 2});
  {
    Journal whole(file(), {});
    fail_job(whole, job("a"), "too early");
    fail_job(whole, job("c"), "no music");
  }
  do_job(first, job("a"));
  put(folder_ / "run.2-of-2.jsonl", content(file()).substr(0, content(file()).size() - 5));
  const Journal other(file(), {2, 3});
  EXPECT_EQ(other.path(), folder_ / "run.3-of-3.jsonl");
  EXPECT_TRUE(other.has_done(job("a"), Existing::kRefuse)) << "done anywhere is done";
  EXPECT_FALSE(other.failure(job("a")));
  EXPECT_EQ(other.failure(job("c")), "no music");
}

TEST_F(JournalTest, AFileThatIsNoneIsRefusedAndLeftAlone) {
  for (const std::string text : {"my thesis", "my thesis\n", "{\"format\": \"something\"}\n", "\n", "[]\n"}) {
    put(file(), text, std::ios::trunc);
    EXPECT_THAT(refusal(file()), HasSubstr("give --journal another name")) << text;
    EXPECT_EQ(content(file()), text);
  }
  put(file(), "{\"format\":\"yourmt3-journal\",\"version\":1}\n{\"input\":\"a\"}\n", std::ios::trunc);
  EXPECT_THAT(refusal(file()), HasSubstr("line 2"));
  put(file(), "{\"format\":\"yourmt3-journal\",\"version\":2}\n", std::ios::trunc);
  EXPECT_THAT(refusal(file()), HasSubstr("version 2"));
}

TEST_F(JournalTest, MakesItsFolder) {
  { const Journal journal(folder_ / "new/log/run.jsonl", {}); }
  EXPECT_TRUE(fs::exists(folder_ / "new/log/run.jsonl"));
  EXPECT_THAT(refusal(folder_ / "new/log/run.jsonl/run.jsonl"), HasSubstr("Not a directory"));
}

TEST_F(JournalTest, SaysThatTheDiskIsFull) {
  EXPECT_THAT(refusal("/dev/full"), HasSubstr("/dev/full: cannot write the journal: No space left on device"));
}

}  // namespace
}  // namespace yourmt3::cli
