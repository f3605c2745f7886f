#include "core/lower_case.h"

#include <gtest/gtest.h>

namespace yourmt3 {
namespace {

TEST(LowerCase, IsOfLettersOfAsciiOnly) {
  EXPECT_EQ(lower_case("AZ az.WAV @[`{ 09"), "az az.wav @[`{ 09");
  EXPECT_EQ(lower_case("\xC3\x84\xC9"), "\xC3\x84\xC9");
}

}  // namespace
}  // namespace yourmt3
