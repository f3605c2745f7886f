// Lists of sets in TOML files.
#include "evaluate/evaluation_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EvaluationListTest : public ::testing::Test {
 protected:
  EvaluationList read(const std::string& text) {
    std::ofstream(folder_ / "sets.toml") << text;
    return read_evaluation_list(folder_ / "sets.toml", "/data");
  }
  std::string message(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
};

TEST_F(EvaluationListTest, ReadsEveryFieldAndKeepsDefaults) {
  const EvaluationList list = read(R"(title = "Ours"
[[set]]
name = "slakh"
store = "slakh"
[[set]]
name = "bass"
store = "/elsewhere/rwc"
split = "bass"
classes = "BASS_SOLO_CLASS"
drums = "ksh"
pitch_class_for = ["Bass"]
melody_for = ["Singing Voice"]
score_unannotated = true
limit_tracks = 3
max_seconds = 20
)");
  EXPECT_EQ(list.title, "Ours");
  ASSERT_EQ(list.sets.size(), 2u);
  EXPECT_EQ(list.sets[0].store, "/data/slakh");
  EXPECT_EQ(list.sets[0].split, "test");
  EXPECT_FALSE(list.sets[0].score_unannotated);
  const EvaluationSet& bass = list.sets[1];
  EXPECT_EQ(bass.store, "/elsewhere/rwc");
  EXPECT_EQ(bass.split, "bass");
  EXPECT_EQ(bass.classes, "BASS_SOLO_CLASS");
  EXPECT_EQ(bass.drums, "ksh");
  EXPECT_THAT(bass.pitch_class_for, ElementsAre("Bass"));
  EXPECT_THAT(bass.melody_for, ElementsAre("Singing Voice"));
  EXPECT_TRUE(bass.score_unannotated);
  EXPECT_EQ(bass.limit_tracks, 3u);
  EXPECT_EQ(bass.max_seconds, 20);
}

TEST_F(EvaluationListTest, SaysWhereItIsWrong) {
  EXPECT_THAT(message("title = \"x\"\n"), AllOf(HasSubstr("sets.toml: "), HasSubstr("has no [[set]]")));
  EXPECT_THAT(message("[[set]]\nstore = \"a\"\n"), HasSubstr("'set.0' has no name"));
  EXPECT_THAT(message("[[set]]\nname = \"a\"\n"), HasSubstr("'set.0' (a) has no store"));
  EXPECT_THAT(message("[[set]]\nname = \"a\"\nstore = \"a\"\nclass = \"b\"\n"),
              HasSubstr("'set.0' has no field 'class'"));
  EXPECT_THAT(message("[[set]]\nname = \"a\"\nstore = \"a\"\n[[set]]\nname = \"a\"\nstore = \"b\"\n"),
              HasSubstr("two sets have the name 'a'"));
  EXPECT_THAT(message("[[set]]\nname = \"a\"\nstore = \"a\"\nmax_seconds = -1.0\n"), HasSubstr("max_seconds"));
  EXPECT_THAT(message("[[set]\n"), HasSubstr("sets.toml:1:"));
}

}  // namespace
}  // namespace yourmt3::testing
