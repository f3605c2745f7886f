#include "prepare/source_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

TEST(SourceFolder, IsTheOneWithTheMarkerOrTheOnlyFolderInItThatHasIt) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "unpacked/annotation");
  fs::create_directories(folder / "other");
  EXPECT_EQ(source_folder(folder / "unpacked", "annotation"), folder / "unpacked");
  EXPECT_EQ(source_folder(folder.path(), "annotation"), folder / "unpacked");
  EXPECT_EQ(source_folder(folder.path(), "audio"), fs::path());
  EXPECT_EQ(source_folder(folder / "absent", "annotation"), fs::path());
  fs::create_directories(folder / "again/annotation");
  EXPECT_EQ(source_folder(folder.path(), "annotation"), fs::path()) << "nobody can tell which";
}

TEST(SourceFolder, ListsVisibleFilesByName) {
  const TemporaryFolder folder;
  for (const char* name : {"b.txt", "a.txt", ".hidden.txt", "c.wav"}) std::ofstream(folder / name) << "x";
  EXPECT_EQ(files_with_extension(folder.path(), ".txt"), (std::vector<fs::path>{folder / "a.txt", folder / "b.txt"}));
  EXPECT_TRUE(files_with_extension(folder / "absent", ".txt").empty());
}

TEST(SourceFolder, WritesNumbersAsRanges) {
  EXPECT_EQ(number_ranges({1, 2, 3, 4, 7, 9, 10}), "1-4, 7, 9-10");
  EXPECT_EQ(number_ranges({}), "");
}

}  // namespace
}  // namespace yourmt3
