#include "prepare/files_below.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prepare/manifest.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FilesBelow : public ::testing::Test {
 protected:
  std::vector<std::string> found() {
    std::vector<std::string> names;
    for (const fs::path& file : files_below(files_.path(), remarks_)) {
      names.push_back(file.lexically_relative(files_.path()).generic_string());
    }
    return names;
  }

  SourceFiles files_;
  std::vector<std::string> remarks_;
};

TEST_F(FilesBelow, AreSortedAndVisible) {
  for (const char* name : {"b/c/d.wav", "b/a.wav", "z.wav", ".hidden/a.wav", "b/._a.wav"}) files_.text(name, "x");
  EXPECT_THAT(found(), ElementsAre("b/a.wav", "b/c/d.wav", "z.wav"));
  EXPECT_THAT(remarks_, IsEmpty());
}

TEST_F(FilesBelow, AreFoundBehindLinksOnce) {
  const SourceFiles elsewhere;
  elsewhere.text("album/one.wav", "x");
  files_.text("own/two.wav", "x");
  fs::create_directory_symlink(elsewhere.path() / "album", files_.path() / "linked");
  fs::create_directory_symlink("linked", files_.path() / "linked_again");
  fs::create_directory_symlink("own", files_.path() / "alias_of_own");
  fs::create_directory_symlink("..", files_.path() / "own/circle");
  fs::create_symlink("two.wav", files_.path() / "own/three.wav");
  EXPECT_THAT(found(), ElementsAre("linked/one.wav", "own/three.wav", "own/two.wav"));
  EXPECT_THAT(remarks_, IsEmpty());
}

TEST_F(FilesBelow, AreNotThoseOfAPreparedDataSet) {
  files_.text("song.wav", "x");
  files_.text(std::string("store/") + kManifestName, "{}");
  files_.text("store/song/mix.wav", "x");
  EXPECT_THAT(found(), ElementsAre("song.wav"));
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("store: left out, it is a prepared data set")));
}

TEST_F(FilesBelow, AreMissedWithARemark) {
  fs::create_symlink("absent.wav", files_.path() / "b.wav");
  fs::create_symlink("absent.wav", files_.path() / "a.wav");
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(remarks_, ElementsAre(AllOf(HasSubstr("2 links lead to no file"), HasSubstr("a.wav"))));
  remarks_.clear();
  EXPECT_THAT(files_below(files_.path() / "absent", remarks_), IsEmpty());
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("absent: left out, it cannot be read: No such file")));
}

}  // namespace
}  // namespace yourmt3::testing
