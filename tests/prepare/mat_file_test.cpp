#include "prepare/mat_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

// Written by libmatio.
const std::filesystem::path kSamples = YOURMT3_MAT_SAMPLES;

std::string sample(const std::string& name) {
  std::ifstream file(kSamples / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, MatValue> parse(const std::string& bytes) {
  return parse_mat(std::as_bytes(std::span(bytes)));
}

TEST(MatFile, ReadsNumbersOfEveryType) {
  const auto variables = parse(sample("kinds.mat"));
  // Text and structures are left out.
  EXPECT_THAT(variables,
              ElementsAre(Key("bytes"), Key("doubles"), Key("empty"), Key("floats"), Key("ints"), Key("shorts")));
  EXPECT_THAT(variables.at("shorts").size, ElementsAre(1, 3));
  EXPECT_THAT(variables.at("shorts").numbers, ElementsAre(-1, 2, 300));
  EXPECT_THAT(variables.at("floats").numbers, ElementsAre(0.5, 1, -2));
  EXPECT_THAT(variables.at("doubles").numbers, ElementsAre(1, 2, 3));
  EXPECT_THAT(variables.at("bytes").numbers, ElementsAre(7, 8, 255));
  EXPECT_THAT(variables.at("ints").numbers, ElementsAre(-70000, 0, 70000));
  EXPECT_THAT(variables.at("empty").numbers, IsEmpty());
}

TEST(MatFile, ReadsCellsInCellsCompressedOrNot) {
  for (const char* name : {"notes_plain.mat", "notes_compressed.mat"}) {
    const auto variables = parse(sample(name));
    const MatValue& notes = variables.at("GTNotes");
    EXPECT_THAT(notes.size, ElementsAre(4, 1)) << name;
    ASSERT_EQ(notes.cells.size(), 4U) << name;
    ASSERT_EQ(notes.cells[1].cells.size(), 2U) << name;
    const MatValue& frames = notes.cells[1].cells[1];
    EXPECT_THAT(frames.size, ElementsAre(2, 30)) << name;
    EXPECT_EQ(frames.numbers[0], 41) << name;
    EXPECT_EQ(frames.numbers[1], 67) << name;
    EXPECT_EQ(frames.numbers[58], 70) << name;
  }
}

TEST(MatFile, TellsWhatIsWrong) {
  const std::string whole = sample("notes_plain.mat");
  EXPECT_THAT(error_message([&] { parse(whole.substr(0, 100)); }), HasSubstr("no little-endian MAT-file of version 5"));
  EXPECT_THAT(error_message([] { parse("MATLAB 7.3 MAT-file, Platform: GLNXA64"); }),
              HasSubstr("save it again with -v7"));
  EXPECT_THAT(error_message([&] { parse(whole.substr(0, whole.size() - 100)); }), HasSubstr("bytes, but only"));
  std::string compressed = sample("notes_compressed.mat");
  compressed[compressed.size() / 2] = static_cast<char>(~compressed[compressed.size() / 2]);
  EXPECT_THAT(error_message([&] { parse(compressed); }), HasSubstr("cut or damaged"));
  EXPECT_THAT(error_message([] { read_mat_file("/no/such.mat"); }), HasSubstr("/no/such.mat"));
}

TEST(MatFile, DoesNotBelieveSizes) {
  // The first matrix claims 2^31 - 1 cells.
  std::string bytes = sample("notes_plain.mat");
  const std::int32_t many = 0x7FFFFFFF;
  std::memcpy(bytes.data() + 128 + 8 + 16 + 8, &many, 4);
  EXPECT_THAT(error_message([&] { parse(bytes); }), HasSubstr("a dimension of 2147483647"));
}

}  // namespace
}  // namespace yourmt3
