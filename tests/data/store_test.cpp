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

TEST(Store, GivesBackMixes) {
  testing::TemporaryFolder folder;
  StoreWriter writer(folder / "set");
  TrackInfo track;
  track.id = "song";
  track.split = "train";
  track.seconds = 1;
  const std::vector<Part> parts = {{33, {{0.5, 0.7, 40, 70}}}, {kSingingProgram, {{0.1, 0.4, 60, 90}}}};
  const std::vector<int> programs = {kUnannotatedProgram, kSingingProgram, 33};
  writer.add_mix(track, programs, std::vector<float>(16000, 0.5f), parts);
  EXPECT_THROW(writer.add_mix(track, std::vector{33}, std::vector<float>(16000), parts), Error);
  writer.commit();
  const Store store(folder / "set");
  ASSERT_EQ(store.tracks().size(), 1u);
  const auto& read = store.tracks()[0];
  EXPECT_EQ(read.info.annotated, (std::vector<int>{33, kSingingProgram}));
  ASSERT_EQ(read.stems.size(), 1u);
  EXPECT_TRUE(read.stems[0].info.is_mix());
  EXPECT_EQ(read.stems[0].info.programs, (std::vector<int>{33, kSingingProgram, kUnannotatedProgram}));
  EXPECT_EQ(read.stems[0].notes,
            (std::vector<Note>{{false, kSingingProgram, 0.1, 0.4, 60, 1}, {false, 33, 0.5, 0.7, 40, 1}}));
}

TEST(Store, ReadsWhatIsAnnotated) {
  const auto annotated = [](const std::string& stems, const std::string& more) {
    return parse_index_line(R"({"id":"a","split":"train","seconds":1,"notes":"n","stems":[)" + stems + "]" + more + "}")
        .annotated;
  };
  const std::string piano = R"({"program":0,"file":"a"})", rest = R"({"program":129,"file":"b"})";
  EXPECT_EQ(annotated(piano + "," + rest, ""), std::vector<int>{0});
  EXPECT_EQ(annotated(piano, R"(,"annotated":[])"), std::vector<int>{});
  EXPECT_EQ(annotated(piano, R"(,"annotated":[129,5,0])"), (std::vector<int>{0, 5}));
  EXPECT_EQ(annotated(R"({"programs":[7,129],"file":"a"})", ""), std::vector<int>{7});
  EXPECT_ANY_THROW(annotated(R"({"programs":[7,130],"file":"a"})", ""));
  EXPECT_ANY_THROW(annotated(R"({"programs":[7],"file":"a"},)" + piano, ""));
  EXPECT_ANY_THROW(annotated(R"({"program":0,"file":"a","gain":0})", ""));
}

TEST(Store, OpensOneSplit) {
  testing::TemporaryFolder folder;
  write_small_store(folder / "set");
  const Store store(folder / "set", "validation");
  ASSERT_EQ(store.tracks().size(), 1u);
  EXPECT_EQ(store.tracks()[0].info.id, "a");
  EXPECT_EQ(store.splits(), (std::set<std::string>{"train", "validation"}));
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

TEST(Store, NamesNotesThatAMixLacks) {
  const std::vector<StemInfo> mix = {{kUnannotatedProgram, "a", 1, {0, 33}}};
  EXPECT_EQ(parse_stem_notes(R"({"stems":[[[0,1,60,90,33]]]})", mix)[0][0].program, 33);
  EXPECT_ANY_THROW(parse_stem_notes(R"({"stems":[[[0,1,60,90,34]]]})", mix));
  EXPECT_ANY_THROW(parse_stem_notes(R"({"stems":[[[0,1,60,90]]]})", mix));
  EXPECT_ANY_THROW(parse_stem_notes(R"({"stems":[[[0,1,1e65,90,33]]]})", mix));
  EXPECT_ANY_THROW(parse_stem_notes(R"({"stems":[[[0,1,60,90,33.5]]]})", mix));
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

TEST(Store, WritesNotesWithExactTimes) {
  const std::vector<StemInfo> stems = {{24, "a.wav", 1}, {kUnannotatedProgram, "b.wav", 1, {0, kDrumProgram}}};
  const std::vector<std::vector<Note>> notes = {
      {{false, 24, 0.1 + 0.2, 1.0 / 3, 60, 1}},
      {{false, 0, 1e-9, 5.000000000000001, 61, 1}, {true, kDrumProgram, 7, 7.01, 36, 1}}};
  EXPECT_EQ(parse_stem_notes(stem_notes_text(notes, stems), stems), notes);
}

TEST(Store, WritesLinesOfTheIndexThatReadBack) {
  TrackInfo track;
  track.id = "a";
  track.split = "train";
  track.lists = {"train_b"};
  track.seconds = 1.0 / 3;
  track.stems = {{24, "x/a.wav", 1}};
  track.mix_file = "x/mix.wav";
  track.annotated = {24};
  track.notes_file = "x/a.json";
  const TrackInfo read = parse_index_line(index_line(track));
  EXPECT_EQ(read.id, "a");
  EXPECT_EQ(read.lists, track.lists);
  EXPECT_EQ(read.seconds, track.seconds);
  EXPECT_EQ(read.mix_file, "x/mix.wav");
  EXPECT_EQ(read.stems.at(0).program, 24);
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
