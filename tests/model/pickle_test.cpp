#include "model/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/checkpoint_builder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::HasSubstr;

Pickle read(const std::string& bytes) {
  return Pickle::parse(std::as_bytes(std::span(bytes)), "data.pkl");
}

json value_of(const std::string& body) {
  const Pickle pickle = read(p_program(body));
  return pickle.to_json(pickle.root());
}

std::string refused(const std::string& bytes, ErrorCode code = ErrorCode::kMalformed) {
  try {
    read(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(Pickle, ReadsPlainValues) {
  EXPECT_EQ(value_of("N"), nullptr);
  EXPECT_EQ(value_of("\x88"), true);
  EXPECT_EQ(value_of("\x89"), false);
  EXPECT_EQ(value_of("K\xff"), 255);
  EXPECT_EQ(value_of("M\xff\xff"), 65535);
  EXPECT_EQ(value_of(p_int(-7)), -7);
  EXPECT_EQ(value_of(std::string("\x8a\x00", 2)), 0);
  EXPECT_EQ(value_of("\x8a\x01\xff"), -1);
  EXPECT_EQ(value_of(std::string("\x8a\x03\x00\x00\x01", 5)), 65536);
  EXPECT_EQ(value_of("\x8a\x09" + std::string(9, '\1')), "...");
  EXPECT_EQ(value_of(std::string("G\xbf\xf8\0\0\0\0\0\0", 9)), -1.5);
  EXPECT_EQ(value_of(p_text("p\xc3\xa9")), "pé");
}

TEST(Pickle, ReadsContainers) {
  EXPECT_EQ(value_of("](K\1K\2eK\3a"), json({1, 2, 3}));
  EXPECT_EQ(value_of("K\1K\2K\3\x87"), json({1, 2, 3}));
  EXPECT_EQ(value_of("(K\1K\2K\3K\4t"), json({1, 2, 3, 4}));
  EXPECT_EQ(value_of("}" + p_text("a") + "K\1s(" + p_text("b") + "K\2" + p_text("c") + "Nu"),
            json({{"a", 1}, {"b", 2}, {"c", nullptr}}));
  EXPECT_EQ(value_of(p_global("collections", "OrderedDict") + ")R" + p_text("a") + "K\1s}" + p_text("_metadata") +
                     "NsbN\x86"),
            json::parse(R"([{"a": 1}, null])"));
}

TEST(Pickle, ReadsMemosOfBothKinds) {
  EXPECT_EQ(value_of(p_text("x") + "q\7h\7h\7\x87"), json({"x", "x", "x"}));
  EXPECT_EQ(value_of(p_text("x") + std::string("r\0\1\0\0j\0\1\0\0\x86", 11)), json({"x", "x"}));
  EXPECT_EQ(value_of(std::string("\x8c\1x\x94h\0\x86", 7)), json({"x", "x"}));
}

TEST(Pickle, RunsNothing) {
  const char* marker = "YOURMT3_PICKLE_TEST_RAN";
  const std::string command = std::string("touch ") + marker;
  const json os = value_of(p_global("os", "system") + p_text(command) + "\x85R");
  EXPECT_EQ(os, json({{"class", "os.system"}}));
  const json builtin = value_of(p_global("builtins", "eval") + p_text("exit(1)") + "\x85R}" + p_text("k") + "K\1sb");
  EXPECT_EQ(builtin, json::parse(R"({"class": "builtins.eval", "state": {"k": 1}})"));
  const json named = value_of(std::string("\x8c\5posix\x8c\6system\x93") + p_text(command) + "\x85R");
  EXPECT_EQ(named, json({{"class", "posix.system"}}));
  std::FILE* file = std::fopen(marker, "r");
  EXPECT_EQ(file, nullptr);
}

TEST(Pickle, KeepsTheStateOfObjectsItDoesNotKnow) {
  EXPECT_EQ(
      value_of(p_global("utils.task_manager", "TaskManager") + ")\x81}" + p_text("task_name") +
               p_text("mc13_full_plus_256") + "sb"),
      json::parse(R"({"class": "utils.task_manager.TaskManager", "state": {"task_name": "mc13_full_plus_256"}})"));
}

TEST(Pickle, FindsTheLastOfEqualKeys) {
  const Pickle pickle = read(p_program("}(" + p_text("a") + "K\1" + p_text("a") + "K\2u"));
  EXPECT_EQ(pickle[pickle.find(pickle.root(), "a")].integer, 2);
  EXPECT_EQ(pickle.find(pickle.root(), "b"), Pickle::kNothing);
}

TEST(Pickle, RefusesEveryPrefix) {
  const std::string whole = checkpoint_pickle(p_tensor({}));
  for (std::size_t length = 0; length < whole.size(); ++length) refused(whole.substr(0, length));
}

TEST(Pickle, NamesTheByteAtFault) {
  EXPECT_THAT(refused("\x80\x02" + std::string("X\xff\xff\xff\x7f") + "abc"),
              HasSubstr("data.pkl, byte 2: 2147483647 bytes"));
  EXPECT_THAT(refused("\x80\x02Kaa."), HasSubstr("byte 4: the stack is empty"));
  EXPECT_THAT(refused("\x80\x02h\1."), HasSubstr("byte 2: memo 1 is empty"));
  EXPECT_THAT(refused("\x80\x02t."), HasSubstr("a mark is missing"));
  EXPECT_THAT(refused("\x80\x02N(N\x85."), HasSubstr("values are left over"));
  EXPECT_THAT(refused("\x80\x02N(\x85."), HasSubstr("the stack is empty"));  // A mark is a floor.
  EXPECT_THAT(refused("\x80\x02}(Nu."), HasSubstr("a key has no value"));
  EXPECT_THAT(refused("\x80\x02NNa."), HasSubstr("can be filled"));
  EXPECT_THAT(refused("\x80\x02NN."), HasSubstr("left over"));
  EXPECT_THAT(refused("\x80\x02"
                      "c" +
                      std::string(5000, 'x')),
              HasSubstr("a name has no end"));
  EXPECT_THAT(refused("\x80\x02"
                      "i.",
                      ErrorCode::kUnsupported),
              HasSubstr("byte 2: instruction 0x69"));
  EXPECT_THAT(refused("\x80\x05N.", ErrorCode::kUnsupported), HasSubstr("protocol 5"));
}

TEST(Pickle, BearsCycles) {
  // A list that contains itself, a mapping that is its own value, an object that is its own state.
  const json list = value_of("]q\1h\1a");
  int depth = 0;
  for (const json* item = &list; item->is_array(); item = &(*item)[0]) ++depth;
  EXPECT_EQ(depth, 33);  // Cut at the deepest level that is shown.
  EXPECT_NO_THROW(value_of("}q\1" + p_text("self") + "h\1s"));
  EXPECT_NO_THROW(value_of(p_global("a", "B") + ")\x81q\1h\1b"));
}

TEST(Pickle, BearsSharedPartsThatWouldUnfoldWithoutEnd) {
  // Each of 30 lists holds the one before twice: 2^30 values when written out.
  std::string body = "(" + p_text(std::string(1000, 'x')) + "q\1";
  for (int i = 0; i < 30; ++i) body += "](h\1h\1eq\1";
  EXPECT_LT(value_of(body + "t").dump().size(), 10'000'000u);
}

TEST(Pickle, BearsAMillionMarksAndNestedTuples) {
  EXPECT_THAT(refused("\x80\x02" + std::string(1'000'000, '(') + "."), HasSubstr("the stack is empty"));
  std::string deep = "\x80\x02)";
  for (int i = 0; i < 1'000'000; ++i) deep += '\x85';
  const Pickle pickle = read(deep + ".");
  EXPECT_NO_THROW(pickle.to_json(pickle.root()));
}

TEST(Pickle, BoundsTheNumberOfValues) {
  EXPECT_THAT(refused("\x80\x02" + std::string(3'000'000, '}') + ".", ErrorCode::kUnsupported),
              HasSubstr("more than 2000000 values"));
}

TEST(Pickle, SurvivesAnyFlippedBit) {
  const std::string whole = checkpoint_pickle(p_tensor({}), p_text("v") + p_tensor({}));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      const Pickle pickle = read(flipped);
      pickle.to_json(pickle.root());
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace yourmt3
