#include "data/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

void write_small_store(const std::filesystem::path& folder) {
  StoreWriter writer(folder);
  for (const auto& [id, split] : {std::pair{"b", "train"}, {"a", "validation"}}) {
    TrackInfo track;
    track.id = id;
    track.source = "a test";
    track.licence = "CC0-1.0";
    track.split = split;
    track.seconds = 0.5;
    track.stems = {{0, "", 2.0}, {kDrumProgram, "", 1.0}};
    const std::vector<std::vector<float>> samples = {std::vector<float>(8000, 0.25f), {0.f, 1.f, -1.f, 2.f}};
    const std::vector<Part> parts = {{0, {{0.1, 0.4, 60, 90}, {0.2, 0.3, 64, 80}}},
                                     {kDrumProgram, {{0, 0.1, 38, 127}}}};
    writer.add(track, samples, parts);
  }
  writer.commit();
}

std::string message_of(const std::filesystem::path& folder) {
  try {
    Store store(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Store, GivesBackWhatWasWritten) {
  testing::TemporaryFolder folder;
  write_small_store(folder / "set");
  const Store store(folder / "set");
  ASSERT_EQ(store.tracks().size(), 2u);
  const auto& track = store.tracks()[1];
  EXPECT_EQ(track.info.id, "b");
  EXPECT_EQ(track.info.licence, "CC0-1.0");
  EXPECT_EQ(track.info.annotated, (std::vector<int>{0, kDrumProgram}));
  ASSERT_EQ(track.stems.size(), 2u);
  EXPECT_EQ(track.stems[0].info.gain, 2.0);
  ASSERT_EQ(track.stems[0].wav.samples().size(), 8000u);
  EXPECT_EQ(track.stems[0].wav.samples()[17], 8192);
  EXPECT_THAT(track.stems[1].wav.samples(), ::testing::ElementsAre(0, 32767, -32767, 32767));
  ASSERT_EQ(track.stems[0].notes.size(), 2u);
  EXPECT_EQ(track.stems[0].notes[1], (Note{false, 0, 0.2, 0.3, 64, 1}));
  EXPECT_TRUE(track.stems[1].notes[0].is_drum);
}

TEST(Store, OpensOneSplit) {
  testing::TemporaryFolder folder;
  write_small_store(folder / "set");
  const Store store(folder / "set", "validation");
  ASSERT_EQ(store.tracks().size(), 1u);
  EXPECT_EQ(store.tracks()[0].info.id, "a");
}

TEST(Store, NamesTheFileThatIsBroken) {
  testing::TemporaryFolder folder;
  EXPECT_THAT(message_of(folder / "missing"), HasSubstr("index.jsonl"));

  write_small_store(folder / "set");
  const auto wav = folder / "set/b/00-0.wav";
  std::filesystem::resize_file(wav, 5000);
  EXPECT_THAT(message_of(folder / "set"), AllOf(HasSubstr("00-0.wav"), HasSubstr("cut")));
  std::ofstream(wav, std::ios::trunc) << "RIFF";
  EXPECT_THAT(message_of(folder / "set"), AllOf(HasSubstr("00-0.wav"), HasSubstr("not a WAV")));
  std::filesystem::remove(wav);
  EXPECT_THAT(message_of(folder / "set"), HasSubstr("00-0.wav"));
}

TEST(Store, NamesTheNotesThatAreBroken) {
  testing::TemporaryFolder folder;
  write_small_store(folder / "set");
  for (const char* text :
       {"{", "{\"stems\": [[]]}", "{\"stems\": [[[0, 1, 300, 1]], []]}", "{\"stems\": [[[1, 0, 60, 1]], []]}"}) {
    std::ofstream(folder / "set/b/notes.json", std::ios::trunc) << text;
    EXPECT_THAT(message_of(folder / "set"), HasSubstr("notes.json")) << text;
  }
}

TEST(Store, NamesTheLineOfTheIndexThatIsBroken) {
  testing::TemporaryFolder folder;
  write_small_store(folder / "set");
  std::ofstream(folder / "set/index.jsonl", std::ios::app) << "{\"id\": \"c\"}\n";
  EXPECT_THAT(message_of(folder / "set"), HasSubstr("line 3"));
  std::ofstream(folder / "set/index.jsonl", std::ios::trunc)
      << R"({"id":"c","split":"train","seconds":1,"notes":"../../x","stems":[]})"
      << "\n";
  EXPECT_THAT(message_of(folder / "set"), HasSubstr("leaves the data set"));
}

TEST(StoreWriter, LeavesAFinishedDataSetAlone) {
  testing::TemporaryFolder folder;
  write_small_store(folder / "set");
  EXPECT_THROW(StoreWriter(folder / "set"), Error);
}

TEST(StoreWriter, LeavesNoIndexWithoutCommit) {
  testing::TemporaryFolder folder;
  { StoreWriter writer(folder / "set"); }
  EXPECT_FALSE(std::filesystem::exists(folder / "set/index.jsonl"));
}

}  // namespace
}  // namespace yourmt3
