#include "model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

std::string file_of(const std::string& header, std::size_t data_bytes, std::uint64_t announced) {
  std::string text(8, '\0');
  std::memcpy(text.data(), &announced, 8);
  return text + header + std::string(data_bytes, '\1');
}
std::string file_of(const std::string& header, std::size_t data_bytes) {
  return file_of(header, data_bytes, header.size());
}

Weights parse(const std::string& text) {
  return parse_safetensors(std::as_bytes(std::span(text)), "x.safetensors");
}

std::string refused(const std::string& text, ErrorCode code = ErrorCode::kMalformed) {
  try {
    parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("x.safetensors: "));
    return error.what();
  }
  ADD_FAILURE() << "no error for " << text;
  return {};
}

const char* const kGood = R"({"__metadata__":{"who":"us"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                          R"("b":{"dtype":"I64","shape":[],"data_offsets":[16,24]}})";

TEST(Safetensors, GivesTensorsAndMetadata) {
  const std::string file = file_of(kGood, 24);
  const Weights weights = parse(file);
  ASSERT_EQ(weights.tensors.size(), 2u);
  EXPECT_EQ(weights.tensors.at("a").shape, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(weights.tensors.at("a").bytes.size(), 16u);
  EXPECT_EQ(weights.tensors.at("b").dtype, DType::kI64);
  EXPECT_EQ(weights.tensors.at("b").numel(), 1);
  EXPECT_EQ(weights.metadata.at("who"), "us");
}

TEST(Safetensors, TakesSpacesBehindTheHeaderAndTensorsWithoutElements) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}}   )";
  const std::string file = file_of(header, 0);
  EXPECT_EQ(parse(file).tensors.at("a").numel(), 0);
}

TEST(Safetensors, RefusesEveryPrefix) {
  const std::string file = file_of(kGood, 24);
  for (std::size_t length = 0; length < file.size(); ++length) refused(file.substr(0, length));
}

TEST(Safetensors, RefusesBytesBehindTheEnd) {
  EXPECT_THAT(refused(file_of(kGood, 25)), HasSubstr("1 bytes follow the last tensor"));
}

TEST(Safetensors, BoundsTheHeaderLength) {
  EXPECT_THAT(refused(file_of(kGood, 24, std::uint64_t{1} << 60)), HasSubstr("1152921504606846976 bytes"));
  EXPECT_THAT(refused(file_of(kGood, 24, ~std::uint64_t{0})), HasSubstr("not a model file"));
  EXPECT_THAT(refused(file_of(kGood, 24, 50'000'000)), HasSubstr("cut"));
}

TEST(Safetensors, NamesTheTensorAtFault) {
  const auto tensor = [](const std::string& fields) { return file_of("{\"w\":{" + fields + "}}", 16); };
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[4],"data_offsets":[0,20])")), HasSubstr("'w' ends at byte 20"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,16])")), HasSubstr("'w' is F32 [3]"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[4],"data_offsets":[16,0])")), HasSubstr("'w'"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[4],"data_offsets":[0,16,16])")), HasSubstr("'w'"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[4])")), HasSubstr("'w' has no data_offsets"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","data_offsets":[0,16])")), HasSubstr("'w' has no shape"));
  EXPECT_THAT(refused(tensor(R"("shape":[4],"data_offsets":[0,16])")), HasSubstr("'w' has no dtype"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[-4],"data_offsets":[0,16])")), HasSubstr("'w': negative"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[4.0],"data_offsets":[0,16])")), HasSubstr("'w': a fraction"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","shape":[[4]],"data_offsets":[0,16])")), HasSubstr("'w': a list"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F32","dtype":"F32")")), HasSubstr("'dtype' occurs twice"));
  EXPECT_THAT(refused(tensor(R"("dtype":"F8_E5M2","shape":[16],"data_offsets":[0,16])"), ErrorCode::kUnsupported),
              HasSubstr("F8_E5M2"));
}

TEST(Safetensors, IsNotFooledByProductsThatOverflow) {
  const auto shape = [](const std::string& sizes) {
    return file_of(R"({"w":{"dtype":"F32","shape":[)" + sizes + R"(],"data_offsets":[0,16]}})", 16);
  };
  // 2^32 * 2^32 = 0 and 2^62 * 4 bytes = 0 in 64 bits; 2^62 + 4 elements are 16 bytes.
  EXPECT_THAT(refused(shape("4294967296,4294967296")), HasSubstr("'w'"));
  EXPECT_THAT(refused(shape("4611686018427387904")), HasSubstr("'w'"));
  EXPECT_THAT(refused(shape("4611686018427387908")), HasSubstr("'w'"));
  EXPECT_THAT(refused(shape("9223372036854775808")), HasSubstr("too large"));
  EXPECT_THAT(refused(shape("18446744073709551617")), HasSubstr("'w'"));
  EXPECT_THAT(refused(shape("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4")), HasSubstr("more than 16"));
}

TEST(Safetensors, RefusesGapsOverlapsAndRepeatedNames) {
  const auto two = [](const std::string& a, const std::string& b, const char* name = "b") {
    return file_of(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":)" + a + R"(},")" + name +
                       R"(":{"dtype":"U8","shape":[8],"data_offsets":)" + b + "}}",
                   24);
  };
  EXPECT_THAT(refused(two("[0,8]", "[16,24]")), HasSubstr("'b' begins at byte 16 of the data, expected 8"));
  EXPECT_THAT(refused(two("[0,8]", "[4,12]")), HasSubstr("'b' begins at byte 4"));
  EXPECT_THAT(refused(two("[0,8]", "[0,8]")), HasSubstr("begins at byte 0"));
  EXPECT_THAT(refused(two("[0,8]", "[8,16]", "a")), HasSubstr("'a' occurs twice"));
}

TEST(Safetensors, RefusesHeadersOfAnotherStructure) {
  EXPECT_THAT(refused(file_of("[]", 0)), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(refused(file_of(R"({"w":3})", 0)), HasSubstr("a number for 'w'"));
  EXPECT_THAT(refused(file_of(R"({"w":{"dtype":{}}})", 0)), HasSubstr("an object for 'dtype'"));
  EXPECT_THAT(refused(file_of(R"({"w":{"extra":[1]}})", 0)), HasSubstr("a list for 'extra'"));
  EXPECT_THAT(refused(file_of(R"({"__metadata__":{"a":"1","a":"2"}})", 0)), HasSubstr("metadata 'a' occurs twice"));
  EXPECT_THAT(refused(file_of(R"({"__metadata__":{},"__metadata__":{}})", 0)), HasSubstr("__metadata__ occurs twice"));
  EXPECT_THAT(refused(file_of(R"({"__metadata__":{"a":{}}})", 0)), HasSubstr("an object"));
  EXPECT_THAT(refused(file_of(R"({} {})", 0)), HasSubstr("not valid JSON at byte"));
  EXPECT_THAT(refused(file_of("{\"\xff\":1}", 0)), HasSubstr("not valid JSON"));
}

TEST(Safetensors, DoesNotDescendIntoNestedLists) {
  const std::string deep = R"({"w":{"shape":)" + std::string(1'000'000, '[');
  EXPECT_THAT(refused(file_of(deep, 0)), HasSubstr("a list"));
}

TEST(Safetensors, SurvivesAnyFlippedBit) {
  const std::string file = file_of(kGood, 24);
  for (std::size_t bit = 0; bit < (8 + std::strlen(kGood)) * 8; ++bit) {
    std::string flipped = file;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      // What is still accepted must hold together.
      for (const auto& [name, tensor] : parse(flipped).tensors) {
        EXPECT_EQ(static_cast<std::size_t>(tensor.numel()) * size_of(tensor.dtype), tensor.bytes.size());
      }
    } catch (const Error&) {
    }
  }
}

TEST(Safetensors, WritesWhatItReads) {
  const testing::TemporaryFolder folder;
  const std::vector<float> values = {1.f, -2.f, 3.5f};
  const std::int64_t count = 7;
  const std::map<std::string, TensorView> tensors = {
      {"bytes", {DType::kU8, {3}, std::as_bytes(std::span("abc", 3))}},
      {"count", {DType::kI64, {}, std::as_bytes(std::span(&count, 1))}},
      {"values", {DType::kF32, {3, 1}, std::as_bytes(std::span(values))}}};
  const std::map<std::string, std::string> metadata = {{"licence", "CC0"}, {"quote", "\"ä\""}};
  write_safetensors(folder / "m.safetensors", tensors, metadata);
  const Weights read = read_safetensors(folder / "m.safetensors");
  EXPECT_EQ(read.metadata, metadata);
  ASSERT_EQ(read.tensors.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read.tensors.at(name).dtype, tensor.dtype);
    EXPECT_EQ(read.tensors.at(name).shape, tensor.shape);
    EXPECT_TRUE(std::ranges::equal(read.tensors.at(name).bytes, tensor.bytes)) << name;
  }
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.tensors.at("values").bytes.data()) % sizeof(float), 0u);
}

TEST(Safetensors, RefusesToWriteATensorWhoseBytesDoNotFitItsShape) {
  const testing::TemporaryFolder folder;
  const std::vector<float> values(3);
  const std::map<std::string, TensorView> tensors = {{"w", {DType::kF32, {4}, std::as_bytes(std::span(values))}}};
  EXPECT_THROW(write_safetensors(folder / "m.safetensors", tensors, {}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Safetensors, SaysWhichFileIsMissing) {
  try {
    read_safetensors("/nowhere/model.safetensors");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/model.safetensors"));
  }
}

TEST(Weights, NameTheTensorThatDoesNotFit) {
  const std::string file = file_of(kGood, 24);
  const Weights weights = parse(file);
  const auto error = [&](const std::string& name, std::vector<std::int64_t> shape) -> std::string {
    try {
      weights.f32(name, shape);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kMalformed);
      return e.what();
    }
    return "no error";
  };
  EXPECT_EQ(error("a", {2, 2}), "no error");
  EXPECT_THAT(error("a", {4}), HasSubstr("tensor 'a' is F32 [2, 2], expected F32 [4]"));
  EXPECT_THAT(error("b", {}), HasSubstr("tensor 'b' is I64 []"));
  EXPECT_THAT(error("c", {1}), HasSubstr("tensor 'c' is missing"));
}

}  // namespace
}  // namespace yourmt3
