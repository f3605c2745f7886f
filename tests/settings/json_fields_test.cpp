// Fields of JSON objects as settings: what is misspelt or of the wrong type is named.
#include "settings/json_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(JsonFields, KeepsDefaultsOfWhatIsAbsent) {
  const nlohmann::json object = {{"size", 3}, {"inner", {{"x", 1}}}};
  JsonFields fields(object, "batch");
  int size = 1, other = 7;
  fields.read("size", size);
  fields.read("other", other);
  EXPECT_EQ(size, 3);
  EXPECT_EQ(other, 7);
  ASSERT_NE(fields.find("inner"), nullptr);
  EXPECT_EQ(fields.find("inner")->at("x"), 1);
  EXPECT_EQ(fields.find("missing"), nullptr);
  EXPECT_NO_THROW(fields.finish());
}

TEST(JsonFields, NamesWhatIsWrong) {
  const nlohmann::json object = {{"size", "three"}, {"sise", 3}};
  JsonFields fields(object, "batch");
  int size = 1;
  EXPECT_THAT(message_of([&] { fields.read("size", size); }), HasSubstr("'batch.size' has the value \"three\""));
  EXPECT_THAT(message_of([&] { fields.finish(); }), HasSubstr("'batch' has no field 'sise'"));
  const nlohmann::json list = nlohmann::json::array();
  EXPECT_THAT(message_of([&] { JsonFields(list, "batch"); }), HasSubstr("'batch' is array, expected a table"));
}

TEST(JsonFields, TakesWholeNumbersOnly) {
  const nlohmann::json object = {{"whole", 8.0},       {"huge", 1e65},     {"part", 2.5},          {"on", true},
                                 {"wide", 4294967296}, {"list", {1, 2.0}}, {"bad_list", {1, 1e65}}};
  JsonFields fields(object, "batch");
  int size = 1;
  fields.read("whole", size);
  EXPECT_EQ(size, 8);
  for (const char* name : {"huge", "part", "on", "wide"}) {
    EXPECT_THAT(message_of([&] { fields.read(name, size); }), HasSubstr("which is of the wrong type")) << name;
  }
  EXPECT_EQ(size, 8);
  std::int64_t wide = 0;
  fields.read("wide", wide);
  EXPECT_EQ(wide, 4294967296);
  std::vector<int> list;
  fields.read("list", list);
  EXPECT_EQ(list, (std::vector<int>{1, 2}));
  EXPECT_THAT(message_of([&] { fields.read("bad_list", list); }), HasSubstr("which is of the wrong type"));
}

TEST(JsonFields, ChecksRangesAndChoices) {
  EXPECT_EQ(message_of([] { require("rate", 0.5, 0.0, 1.0); }), "no error");
  EXPECT_THAT(message_of([] { require("rate", 1.5, 0.0, 1.0); }), HasSubstr("'rate' is 1.5, expected 0 to 1"));
  EXPECT_THAT(message_of([] { require("rate", std::numeric_limits<double>::quiet_NaN(), 0.0, 1.0); }),
              HasSubstr("'rate' is nan"));
  enum class Colour { kRed, kBlue };
  const std::pair<std::string_view, Colour> choices[] = {{"red", Colour::kRed}, {"blue", Colour::kBlue}};
  const nlohmann::json object = {{"a", "blue"}, {"b", "green"}};
  JsonFields fields(object, "paint");
  Colour colour = Colour::kRed;
  read_choice(fields, "a", colour, choices);
  EXPECT_EQ(colour, Colour::kBlue);
  EXPECT_THAT(message_of([&] { read_choice(fields, "b", colour, choices); }),
              HasSubstr("'b' is 'green', expected one of red, blue"));
}

}  // namespace
}  // namespace yourmt3
