#include "core/json_depth.h"

#include <gtest/gtest.h>

#include <string>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

std::string lists(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

TEST(JsonDepth, TellsWhereItBecomesTooDeep) {
  EXPECT_EQ(shallow_json(lists(64)), lists(64));
  try {
    shallow_json(lists(65));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kMalformed);
    EXPECT_STREQ(error.what(), "JSON is nested more than 64 levels deep at byte 64");
  }
}

TEST(JsonDepth, CountsWhatIsOpen) {
  std::string neighbours;
  for (int i = 0; i < 1000; ++i) neighbours += R"([{"a": []}],)";
  EXPECT_NO_THROW(shallow_json(neighbours));
}

TEST(JsonDepth, DoesNotCountBracketsOfText) {
  EXPECT_NO_THROW(shallow_json('"' + lists(100) + '"'));
  EXPECT_NO_THROW(shallow_json(R"("\"" + lists(100) + "\\")"));
  EXPECT_THROW(shallow_json(R"("\\")" + lists(100)), Error) << "the quote after two backslashes ends the text";
  EXPECT_NO_THROW(shallow_json(R"("\")" + lists(100))) << "the quote after one does not";
}

}  // namespace
}  // namespace yourmt3
