#include "server/job_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Job full_job(const std::string& id) {
  return {id,
          "Zo\xC3\xAB's 'song'; DROP TABLE jobs;",
          JobState::kFailed,
          1.5,
          2.25,
          3,
          12345678901,
          61.5,
          7,
          true,
          "why",
          {"piano", "bass"},
          {"drums"}};
}

TEST(JobStore, KeepsJobsInTheOrderTheyCame) {
  const testing::TemporaryFolder folder;
  Job first = full_job("b"), second = full_job("a");
  {
    JobStore store(folder / "jobs.sqlite");
    store.put(first);
    store.put(second);
    first.state = JobState::kDone;
    first.n_notes = 9;
    store.put(first);
    EXPECT_EQ(store.find("c"), std::nullopt);
  }
  JobStore store(folder / "jobs.sqlite");
  EXPECT_THAT(store.all(), ElementsAre(first, second));
  store.erase("b");
  store.erase("unknown");
  EXPECT_THAT(store.all(), ElementsAre(second));
  EXPECT_EQ(store.find("a"), second);
}

TEST(JobStore, BelongsToOneProgramAtATime) {
  const testing::TemporaryFolder folder;
  const JobStore store(folder / "jobs.sqlite");
  EXPECT_THAT([&] { JobStore second(folder / "jobs.sqlite"); },
              ThrowsMessage<Error>(HasSubstr("is another server using this folder?")));
}

TEST(JobStore, ReadsWhatEarlierVersionsWrote) {
  const testing::TemporaryFolder folder;
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "jobs.sqlite").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, R"(
                CREATE TABLE jobs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                  state TEXT NOT NULL, created_sec REAL NOT NULL, started_sec REAL NOT NULL, finished_sec REAL NOT NULL,
                  n_bytes INTEGER NOT NULL, duration_sec REAL NOT NULL, n_notes INTEGER NOT NULL,
                  edited INTEGER NOT NULL, error TEXT NOT NULL);
                PRAGMA user_version = 1;
                INSERT INTO jobs VALUES (1, 'a', 'song', 'done', 1.5, 2, 3, 4, 5, 6, 0, ''))",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  const Job expected = {"a", "song", JobState::kDone, 1.5, 2, 3, 4, 5, 6, false, ""};
  for (int i = 0; i < 2; ++i) {
    const JobStore store(folder / "jobs.sqlite");
    EXPECT_THAT(store.all(), ElementsAre(expected)) << "opened " << i;
  }
}

TEST(JobStore, RefusesWhatItDoesNotUnderstand) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder / "noise.sqlite") << std::string(5000, 'x');
  EXPECT_THROW(JobStore(folder / "noise.sqlite"), Error);
  EXPECT_THROW(JobStore(folder / "none" / "jobs.sqlite"), Error);
  { const JobStore store(folder / "later.sqlite"); }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "later.sqlite").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 3", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  EXPECT_THAT([&] { JobStore store(folder / "later.sqlite"); }, ThrowsMessage<Error>(HasSubstr("a later version")));
}

}  // namespace
}  // namespace yourmt3
