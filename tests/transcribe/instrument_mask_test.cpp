#include "transcribe/instrument_mask.h"

#include <gtest/gtest.h>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using Names = std::vector<std::string>;

InstrumentMask mask_of(const Names& only, const Names& without) {
  return InstrumentMask(only, without);
}

TEST(InstrumentMask, AllowsWhatIsNamedAndNotLeftOut) {
  EXPECT_TRUE(InstrumentMask().allows_all());
  const InstrumentMask strings = mask_of({"strings", "drums"}, {"violin"});
  EXPECT_TRUE(strings.allows(42));
  EXPECT_FALSE(strings.allows(40));
  EXPECT_FALSE(strings.allows(0));
  EXPECT_TRUE(strings.allows(kDrumProgram));
  const InstrumentMask rest = mask_of({}, {"piano"});
  EXPECT_FALSE(rest.allows(0));
  EXPECT_TRUE(rest.allows(40));
  EXPECT_TRUE(rest.allows(120)) << "a program without a family";
  EXPECT_FALSE(rest.allows_all());
}

TEST(InstrumentMask, RefusesUnknownNamesAndNothing) {
  EXPECT_THROW(mask_of({"kazoo"}, {}), Error);
  EXPECT_THROW(mask_of({}, {"kazoo"}), Error);
  EXPECT_THROW(mask_of({"violin"}, {"strings"}), Error);
}

std::string error_of(const Names& names, std::string_view task_name) {
  try {
    require_told_apart(names, task(task_name));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(InstrumentMask, NetworksMustTellTheInstrumentFromItsFamily) {
  EXPECT_EQ(error_of({"cello", "piano", "drums"}, "mt3_full_plus"), "");
  EXPECT_NE(error_of({"cello"}, "onset_v1").find("name 'strings'"), std::string::npos);
  EXPECT_NE(error_of({"singing-voice"}, "mt3_full").find("does not know 'singing-voice'"), std::string::npos);
}

}  // namespace
}  // namespace yourmt3
