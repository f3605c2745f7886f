#include "core/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t entries_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

int descriptor_of(const std::filesystem::path& path) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (std::filesystem::equivalent(entry.path(), path, ignored)) return std::stoi(entry.path().filename());
  }
  return -1;
}

TEST(AtomicFile, AppearsOnlyAfterCommit) {
  const testing::TemporaryFolder folder;
  AtomicFile file(folder / "song.mid");
  file.write("half ");
  EXPECT_FALSE(std::filesystem::exists(folder / "song.mid"));
  file.write("whole");
  file.commit();
  EXPECT_EQ(content_of(folder / "song.mid"), "half whole");
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const testing::TemporaryFolder folder;
  { AtomicFile(folder / "song.mid").write("half"); }
  EXPECT_EQ(entries_in(folder.path()), 0u);
}

TEST(AtomicFile, RefusesAnExistingTarget) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder / "song.mid", "old");
  EXPECT_THROW(AtomicFile(folder / "song.mid", AtomicFile::Existing::kRefuse), Error);
  EXPECT_EQ(content_of(folder / "song.mid"), "old");
}

TEST(AtomicFile, RefusesATargetThatAppearsBeforeCommit) {
  const testing::TemporaryFolder folder;
  AtomicFile file(folder / "song.mid", AtomicFile::Existing::kRefuse);
  file.write("mine");
  write_file_atomically(folder / "song.mid", "theirs");
  EXPECT_THROW(file.commit(), Error);
  EXPECT_EQ(content_of(folder / "song.mid"), "theirs");
}

/// Writes half of a file and is killed.
void leave_half(const std::filesystem::path& target, bool synced = false) {
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(target);
    file.write("half");
    if (synced) file.sync();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

bool is_half(std::span<const std::byte> bytes) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == "half";
}

TEST(AtomicFile, WhatAKilledProcessLeftMakesRoomForTheNext) {
  const testing::TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) leave_half(folder / "song.mid");
  EXPECT_EQ(entries_in(folder.path()), 1u);
  write_file_atomically(folder / "song.mid", "whole");
  EXPECT_EQ(content_of(folder / "song.mid"), "whole");
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(AtomicFile, TwoWritersAtATimeLeaveEachOtherAlone) {
  const testing::TemporaryFolder folder;
  AtomicFile one(folder / "song.mid"), two(folder / "song.mid");
  one.write("one");
  two.write("two");
  EXPECT_NE(one.temporary_path(), two.temporary_path());
  two.commit();
  EXPECT_EQ(content_of(folder / "song.mid"), "two");
  one.commit();
  EXPECT_EQ(content_of(folder / "song.mid"), "one");
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(AtomicFile, ManyWritersOfOneTargetLeaveOneWholeFile) {
  const testing::TemporaryFolder folder;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 50; ++j)
        write_file_atomically(folder / "song.mid", std::string(1000, static_cast<char>('a' + i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string content = content_of(folder / "song.mid");
  EXPECT_EQ(content, std::string(1000, content.front()));
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(AtomicFile, RecoversWhatWasWholeAndNotYetRenamed) {
  const testing::TemporaryFolder folder;
  leave_half(folder / "song.mid", true);
  AtomicFile::recover(folder / "song.mid", AtomicFile::Existing::kRefuse, [](auto) { return false; });
  EXPECT_FALSE(std::filesystem::exists(folder / "song.mid")) << "these are not the bytes";
  AtomicFile::recover(folder / "song.mid", AtomicFile::Existing::kRefuse, is_half);
  EXPECT_EQ(content_of(folder / "song.mid"), "half");
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(AtomicFile, RecoversOverAnExistingFileOnlyWhereItMayBeReplaced) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder / "song.mid", "old");
  leave_half(folder / "song.mid", true);
  AtomicFile::recover(folder / "song.mid", AtomicFile::Existing::kRefuse, is_half);
  EXPECT_EQ(content_of(folder / "song.mid"), "old");
  EXPECT_EQ(entries_in(folder.path()), 1u);
  leave_half(folder / "song.mid", true);
  AtomicFile::recover(folder / "song.mid", AtomicFile::Existing::kReplace, is_half);
  EXPECT_EQ(content_of(folder / "song.mid"), "half");
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(AtomicFile, DoesNotRecoverWhatALivingProcessWrites) {
  const testing::TemporaryFolder folder;
  AtomicFile file(folder / "song.mid");
  file.write("half");
  file.sync();
  AtomicFile::recover(folder / "song.mid", AtomicFile::Existing::kReplace, is_half);
  EXPECT_FALSE(std::filesystem::exists(folder / "song.mid"));
  file.commit();
  EXPECT_EQ(content_of(folder / "song.mid"), "half");
}

TEST(AtomicFile, AFullDiskIsAnErrorOfItsOwn) {
  const testing::TemporaryFolder folder;
  AtomicFile file(folder / "song.mid");
  // What is written goes to a device that is always full.
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  const int opened = descriptor_of(file.temporary_path());
  ASSERT_EQ(::dup2(full, opened), opened);
  ::close(full);
  file.write("half");
  EXPECT_THROW(file.sync(), DiskFullError);
}

TEST(AtomicFile, SaysWhichFolderIsMissing) {
  const testing::TemporaryFolder folder;
  try {
    AtomicFile file(folder / "missing/song.mid");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    EXPECT_NE(std::string(error.what()).find("missing/song.mid"), std::string::npos);
  }
}

}  // namespace
}  // namespace yourmt3
