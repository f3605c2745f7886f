#include "prepare/data_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "source_files.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(DataSets, AreInOrderAndTellWhatTheyAre) {
  std::vector<std::string> names;
  for (const DataSet* set : data_sets()) {
    names.push_back(set->name());
    EXPECT_THAT(set->title(), Not(IsEmpty())) << set->name();
    EXPECT_THAT(set->licence(), Not(IsEmpty())) << set->name();
    EXPECT_THAT(set->layout(), Not(IsEmpty())) << set->name();
    const auto lists = set->lists();
    EXPECT_THAT(lists, Not(IsEmpty())) << set->name();
    EXPECT_EQ(std::set<std::string>(lists.begin(), lists.end()).size(), lists.size()) << set->name();
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(DataSets, AreFoundByName) {
  EXPECT_EQ(data_set_named("slakh").title(), "Slakh2100");
  EXPECT_THAT(error_message([] { data_set_named("slack"); }), AllOf(HasSubstr("'slack'"), HasSubstr("slakh")));
}

TEST(DataSets, SayWhatTheyExpectInAFolderThatIsNoneOfTheirs) {
  const SourceFiles files;
  files.text("thesis.txt", "years of work");
  for (const DataSet* set : data_sets()) {
    const std::string message = error_message([&] {
      if (set->plan(files.path(), {}).items.empty()) throw Error(ErrorCode::kNotFound, files.path().string());
    });
    EXPECT_THAT(message, HasSubstr(files.path().string())) << set->name();
  }
}

}  // namespace
}  // namespace yourmt3::testing
