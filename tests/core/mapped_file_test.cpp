#include "core/mapped_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

TEST(MappedFile, GivesTheBytes) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder / "a", "abc");
  const MappedFile file(folder / "a");
  ASSERT_EQ(file.bytes().size(), 3u);
  EXPECT_EQ(file.bytes()[2], std::byte{'c'});
}

TEST(MappedFile, TakesAnEmptyFile) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder / "a", "");
  EXPECT_TRUE(MappedFile(folder / "a").bytes().empty());
}

TEST(MappedFile, ReadsAgainWhatWasReleased) {
  const testing::TemporaryFolder folder;
  const std::string text(100'000, 'x');
  write_file_atomically(folder / "a", text);
  const MappedFile file(folder / "a");
  const std::string before(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  file.release(file.bytes().subspan(5000, 60'000));
  file.release(file.bytes());
  EXPECT_EQ(before, text);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()), text);
}

TEST(MappedFile, LeavesMemoryOfOthersAlone) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder / "a", std::string(100'000, 'x'));
  const MappedFile file(folder / "a");
  const std::vector<std::byte> other(100'000, std::byte{7});
  file.release(other);
  file.release({});
  EXPECT_TRUE(std::ranges::all_of(other, [](std::byte value) { return value == std::byte{7}; }));
}

TEST(MappedFile, TellsMissingFromUnreadable) {
  const testing::TemporaryFolder folder;
  try {
    MappedFile file(folder / "missing");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
  try {
    MappedFile file(folder.path());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
  }
}

}  // namespace
}  // namespace yourmt3
