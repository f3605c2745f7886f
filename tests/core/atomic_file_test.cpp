#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

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
