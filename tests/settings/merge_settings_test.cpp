#include "settings/merge_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "settings/toml_json.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
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

TEST(MergeSettings, ReachesIntoTablesAndReplacesListsAsAWhole) {
  json document = parse_toml(R"(
model = "ymt3plus"
[data]
seed = 7
[[data.set]]
name = "a"
[[data.set]]
name = "b"
[batch]
size = 8
)",
                             "first");
  merge_settings(document, parse_toml("[[data.set]]\nname = \"c\"\n[stems]\nmax_k = 5\n[batch]\nsize = 4\n", "later"));
  EXPECT_EQ(document, parse_toml(R"(
model = "ymt3plus"
batch.size = 4
stems.max_k = 5
[data]
seed = 7
[[data.set]]
name = "c"
)",
                                 "both"));
}

TEST(MergeSettings, ReplacesAModelByAnother) {
  json document = parse_toml("[model]\nvariant = \"x\"\n", "first");
  merge_settings(document, parse_toml("model = \"ymt3plus\"\n", "later"));
  EXPECT_EQ(document["model"], "ymt3plus");
  merge_settings(document, parse_toml("[model]\nvariant = \"y\"\n", "last"));
  EXPECT_EQ(document["model"]["variant"], "y");
}

TEST(MergeSettings, NamesFileAndFieldThatCannotBeMerged) {
  const testing::TemporaryFolder folder;
  std::ofstream(folder / "a.toml") << "[batch]\nsize = 8\n";
  std::ofstream(folder / "b.toml") << "batch = 8\n";
  const std::filesystem::path files[] = {folder / "a.toml", folder / "b.toml"};
  EXPECT_THAT(message_of([&] { read_merged_toml(files); }),
              HasSubstr("b.toml: 'batch' is no table here and a table in a file before it"));
  EXPECT_EQ(read_merged_toml(std::span(files, 1)), parse_toml("batch.size = 8\n", "a"));
  const std::filesystem::path missing[] = {folder / "a.toml", folder / "none.toml"};
  EXPECT_THAT(message_of([&] { read_merged_toml(missing); }), HasSubstr("none.toml"));
}

}  // namespace
}  // namespace yourmt3
