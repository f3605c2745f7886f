#include "cli/nearest_name.h"

#include <gtest/gtest.h>

namespace yourmt3::cli {
namespace {

TEST(NearestName, CountsInsertedRemovedReplacedAndSwappedLetters) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("score", "scores"), 1);
  EXPECT_EQ(edit_distance("score", "socre"), 1);
  EXPECT_EQ(edit_distance("score", "store"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

TEST(NearestName, FindsTheClosestOfSeveral) {
  EXPECT_EQ(nearest_name("trnscribe", {"score", "transcribe", "train"}), "transcribe");
  EXPECT_EQ(nearest_name("--formt", {"--force", "--format"}), "--format");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("transcribe", {"info", "score"}), std::nullopt);
  EXPECT_EQ(nearest_name("anything", {}), std::nullopt);
}

}  // namespace
}  // namespace yourmt3::cli
