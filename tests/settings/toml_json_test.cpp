// TOML as JSON, and settings from the command line.
#include "settings/toml_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string refusal(const std::string& setting) {
  json document = {{"list", json::array({1, 2})}, {"plain", 3}};
  try {
    apply_setting(document, setting);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TomlJson, KeepsTypes) {
  EXPECT_EQ(parse_toml("a = 1\nb = 1.0\nc = true\nd = \"x\"\ne = [1, [2]]\nf.g = 'y'\nh = 1979-05-27\n", "text"),
            json({{"a", 1},
                  {"b", 1.0},
                  {"c", true},
                  {"d", "x"},
                  {"e", json::array({1, json::array({2})})},
                  {"f", {{"g", "y"}}},
                  {"h", "1979-05-27"}}));
  EXPECT_TRUE(parse_toml("a = 1", "text").at("a").is_number_integer());
  EXPECT_TRUE(parse_toml("a = 1.0", "text").at("a").is_number_float());
}

TEST(TomlJson, NamesThePlaceOfAMistake) {
  try {
    parse_toml("a = 1\nb = = 2\n", "runs/config.toml");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kMalformed);
    EXPECT_THAT(error.what(), StartsWith("runs/config.toml:2:"));
  }
  EXPECT_THROW(read_toml("/nowhere/config.toml"), Error);
}

TEST(TomlJson, RefusesDepthThatWouldEndTheProgram) {
  std::string key, value = "1";
  for (int i = 0; i < 200'000; ++i) key += "a.";
  for (int i = 0; i < 100; ++i) value = "{a = " + value + "}";
  for (const std::string& text : {key + "a = 1\n", "[" + key + "a]\n", "b = {" + key + "a = 1}\n"}) {
    EXPECT_THROW(parse_toml(text, "text"), Error);
  }
  EXPECT_THROW(parse_toml("a = " + value, "text"), Error);
  std::string numbers = "0.5";
  for (int i = 0; i < 100; ++i) numbers += ", 0.5";
  EXPECT_NO_THROW(parse_toml("a = [" + numbers + "]\nb.c.d.e = \"1.2.3.4\"\n", "text"));
}

TEST(TomlJson, SettingsReachIntoTablesAndLists) {
  json document = parse_toml("[[set]]\nname = \"a\"\n[[set]]\nname = \"b\"\n", "text");
  apply_setting(document, "set.1.name=c");
  apply_setting(document, "schedule.lr=1e-3");
  apply_setting(document, "list=[1, 2]");
  EXPECT_EQ(document.at("set").at(1).at("name"), "c");
  EXPECT_EQ(document.at("schedule").at("lr"), 1e-3);
  EXPECT_EQ(document.at("list"), json::array({1, 2}));
}

TEST(TomlJson, SettingsThatCannotBeAreRefused) {
  EXPECT_THAT(refusal("plain"), HasSubstr("expected KEY=VALUE"));
  EXPECT_THAT(refusal("=3"), HasSubstr("expected KEY=VALUE"));
  EXPECT_THAT(refusal("list.2=3"), HasSubstr("'2' selects none of 2 entries"));
  EXPECT_THAT(refusal("list.x=3"), HasSubstr("'x' selects none"));
  EXPECT_THAT(refusal("plain.x=3"), HasSubstr("nothing below a plain value at 'x'"));
}

}  // namespace
}  // namespace yourmt3
