#include "prepare/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TextTable, ReadsQuotedFieldsAndLineEndsOfEveryKind) {
  const TextTable table("id,title,bpm\r\n1,\"a, \"\"b\"\"\nc\",120.5\n\n2,plain,90", "t.csv", {});
  ASSERT_EQ(table.n_rows(), 2u);
  EXPECT_EQ(table.text(0, table.column("title")), "a, \"b\"\nc");
  EXPECT_EQ(table.number(0, table.column("bpm")), 120.5);
  EXPECT_EQ(table.integer(1, table.column("id")), 2);
  EXPECT_EQ(table.text(1, 1), "plain");
  EXPECT_EQ(table.line(0), 2u);
  EXPECT_EQ(table.line(1), 5u) << "a quoted line end and an empty line are before it";
}

TEST(TextTable, TakesRunsOfBlanksAsOneSeparator) {
  const TextTable table("0.5\t440.0   0.25 \n 1 220 .5\n", "notes.txt", {' ', false});
  ASSERT_EQ(table.n_rows(), 2u);
  EXPECT_EQ(table.n_fields(0), 3u);
  EXPECT_EQ(table.number(0, 1), 440.0);
  EXPECT_EQ(table.number(1, 2), 0.5);
}

TEST(TextTable, KeepsEmptyFieldsBetweenCommas) {
  const TextTable table("a,b,c\n1,,3\n", "t.csv", {});
  EXPECT_EQ(table.n_fields(0), 3u);
  EXPECT_EQ(table.text(0, 1), "");
}

TEST(TextTable, NamesTableLineAndWhatIsWrong) {
  const TextTable table("a,b\n1,2\nx\n", "t.csv", {});
  EXPECT_THAT(message_of([&] { table.column("c"); }), HasSubstr("t.csv: no column 'c', only a, b"));
  EXPECT_THAT(message_of([&] { table.number(1, 0); }), HasSubstr("t.csv, line 3: 'x' is no number"));
  EXPECT_THAT(message_of([&] { table.text(1, 1); }), HasSubstr("t.csv, line 3: 1 fields, expected at least 2"));
  EXPECT_THAT(message_of([] { TextTable("a\n\"b", "t.csv", {}); }), HasSubstr("t.csv, line 2: a quote is not closed"));
  EXPECT_THAT(message_of([] { TextTable::read("/no/such/file.csv", {}); }), HasSubstr("no such file"));
}

}  // namespace
}  // namespace yourmt3
