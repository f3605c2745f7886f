#include "model/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/checkpoint_builder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;
using testing::ZipBuilder;

ZipArchive open(const std::string& file) {
  return {std::as_bytes(std::span(file)), "x.ckpt"};
}

std::string text_of(const ZipArchive::Entry& entry) {
  return {reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size()};
}

std::string refused(const std::string& file, ErrorCode code = ErrorCode::kMalformed) {
  try {
    open(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("x.ckpt"));
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

ZipBuilder two_entries() {
  ZipBuilder zip;
  zip.add("a/data.pkl", "pickle").add("a/data/0", std::string(100, 'w'));
  return zip;
}

/// `file` with the bytes at `at` replaced.
std::string patched(std::string file, std::size_t at, const std::string& bytes) {
  return file.replace(at, bytes.size(), bytes);
}

TEST(Crc32, HasThePublishedCheckValue) {
  EXPECT_EQ(crc32(std::as_bytes(std::span("123456789", 9))), 0xcbf43926u);  // The catalogue of CRC algorithms.
  EXPECT_EQ(crc32({}), 0u);
}

TEST(ZipArchive, ReadsSizesFromTheDirectory) {
  const std::string file = two_entries().build();
  const ZipArchive archive = open(file);
  EXPECT_EQ(archive.entries().size(), 2u);
  EXPECT_EQ(text_of(archive.at("a/data.pkl")), "pickle");
  EXPECT_EQ(archive.at("a/data/0").bytes.size(), 100u);
  archive.verify("a/data/0");
  EXPECT_THROW(archive.at("a/data/1"), Error);
}

TEST(ZipArchive, ReadsZip64Records) {
  ZipBuilder zip = two_entries();
  zip.zip64 = true;
  const std::string file = zip.build();
  EXPECT_EQ(text_of(open(file).at("a/data.pkl")), "pickle");
}

TEST(ZipArchive, FindsTheDirectoryBeforeAComment) {
  std::string file = two_entries().build();
  file.replace(file.size() - 2, 2, testing::little_endian<std::uint16_t>(5));
  EXPECT_EQ(open(file + "hello").entries().size(), 2u);
}

TEST(ZipArchive, RefusesEveryPrefix) {
  for (const bool zip64 : {false, true}) {
    ZipBuilder zip = two_entries();
    zip.zip64 = zip64;
    const std::string file = zip.build();
    for (std::size_t length = 0; length < file.size(); ++length) refused(file.substr(0, length));
  }
}

TEST(ZipArchive, RefusesCompressedAndEncryptedEntries) {
  ZipBuilder zip = two_entries();
  zip.method = 8;
  EXPECT_THAT(refused(zip.build(), ErrorCode::kUnsupported), HasSubstr("'a/data.pkl' is compressed"));
  zip.method = 0;
  zip.flags = 1;
  EXPECT_THAT(refused(zip.build(), ErrorCode::kUnsupported), HasSubstr("encrypted"));
}

TEST(ZipArchive, RefusesEntriesThatLieOutsideOrInTheDirectory) {
  const std::string file = two_entries().build();
  const std::size_t first = file.find(testing::little_endian<std::uint32_t>(0x02014b50));
  const auto with_size = [&](std::uint32_t size) {
    return patched(file, first + 20, testing::little_endian(size) + testing::little_endian(size));
  };
  EXPECT_THAT(refused(with_size(0xfffffff0u)), HasSubstr("outside the file"));
  EXPECT_THAT(refused(with_size(static_cast<std::uint32_t>(first))), HasSubstr("byte"));
  EXPECT_THAT(refused(patched(file, first + 20, testing::little_endian<std::uint32_t>(5))),
              HasSubstr("two sizes, 6 and 5"));
  EXPECT_THAT(refused(patched(file, first + 42, testing::little_endian<std::uint32_t>(7))),
              HasSubstr("no local header at byte 7"));
  EXPECT_THAT(refused(patched(file, first + 28, "\xff\xff")), HasSubstr("reaches beyond the zip directory"));
}

TEST(ZipArchive, RefusesDirectoriesThatPointAnywhere) {
  const std::string file = two_entries().build();
  const std::size_t end = file.size() - 22;
  EXPECT_THAT(refused(patched(file, end + 16, testing::little_endian<std::uint32_t>(0x7fffffff))),
              HasSubstr("outside"));
  EXPECT_THAT(refused(patched(file, end + 12, testing::little_endian<std::uint32_t>(0x7fffffff))),
              HasSubstr("outside"));
  EXPECT_THAT(refused(patched(file, end + 8, testing::little_endian<std::uint32_t>(0x00030003))),
              HasSubstr("no entry 3 of 3"));
  ZipBuilder zip = two_entries();
  zip.zip64 = true;
  const std::string wide = zip.build();
  const std::size_t end64 = wide.size() - 22 - 20 - 56;
  EXPECT_THAT(refused(patched(wide, end64 + 48, std::string(8, '\xff'))), HasSubstr("outside"));
  EXPECT_THAT(refused(patched(wide, end64 + 32, std::string(8, '\xff'))), HasSubstr("no entry 3"));
  EXPECT_THAT(refused(patched(wide, end64 + 56 + 8, std::string(8, '\xff'))), HasSubstr("outside"));
}

TEST(ZipArchive, RefusesRepeatedNames) {
  ZipBuilder zip;
  zip.add("a", "1").add("a", "2");
  EXPECT_THAT(refused(zip.build()), HasSubstr("'a' occurs twice"));
}

TEST(ZipArchive, NoticesDamage) {
  std::string file = two_entries().build();
  file[file.find("wwww") + 50] = 'x';
  const ZipArchive archive = open(file);
  archive.verify("a/data.pkl");
  try {
    archive.verify("a/data/0");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'a/data/0' does not have its checksum"));
  }
}

TEST(ZipArchive, SurvivesAnyFlippedBit) {
  for (const bool zip64 : {false, true}) {
    ZipBuilder zip = two_entries();
    zip.zip64 = zip64;
    const std::string file = zip.build();
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
      std::string flipped = file;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      try {
        const ZipArchive archive = open(flipped);
        for (const auto& [name, entry] : archive.entries()) crc32(entry.bytes);  // Every byte can be read.
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace yourmt3
