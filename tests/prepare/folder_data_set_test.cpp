#include "prepare/folder_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "data/audio_out.h"
#include "made_up_midi.h"
#include "prepare/prepare_store.h"
#include "score/note_text.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

DataSetPlan plan_of(const SourceFiles& files, std::uint64_t seed = 1) {
  DataSetOptions options;
  options.seed = seed;
  return FolderDataSet().plan(files.path(), options);
}

std::vector<std::string> ids(const DataSetPlan& plan) {
  std::vector<std::string> found;
  for (const PlannedItem& item : plan.items) found.push_back(item.id);
  return found;
}

void add_pair(const SourceFiles& files, const std::string& name, int program = 24) {
  files.wav(name + ".wav", sine(1, 440));
  files.midi(name + ".mid", played_midi(program, {{0.1, 0.5, 60}}));
}

TEST(FolderDataSet, ReadsPairsInAnyFolderAndOfAnyKind) {
  const SourceFiles files;
  add_pair(files, "train/rock/song");
  fs::create_directories(files.path() / "validation");
  write_audio(files.path() / "validation/b.flac", sine(1, 440, 44100), 44100, 1);
  const std::vector<Note> notes = {{false, 40, 0.1234567, 0.5, 60, 1}, {true, kDrumProgram, 0.2, 0.21, 36, 1}};
  files.text("validation/b.json", notes_to_json(notes));
  write_audio(files.path() / "validation/c.ogg", sine(1, 440, 44100), 44100, 1);
  files.text("validation/c.csv", notes_to_csv(notes));
  files.wav("test/d.WAV", sine(1, 440));
  files.midi("test/d.MID", played_midi(-1, {{0.1, 0.5, 60}}));
  const DataSetPlan plan = plan_of(files);
  EXPECT_THAT(plan.remarks, IsEmpty());
  ASSERT_THAT(ids(plan), ElementsAre("test__d", "train__rock__song", "validation__b", "validation__c"));
  const PreparedTrack d = plan.items[0].read().tracks.at(0), song = plan.items[1].read().tracks.at(0);
  EXPECT_EQ(d.split, "test");
  EXPECT_THAT(d.stems.at(0).programs, ElementsAre(0)) << "a channel without a program is a piano";
  EXPECT_EQ(song.split, "train");
  EXPECT_THAT(song.stems.at(0).programs, ElementsAre(24));
  EXPECT_THAT(song.stems.at(0).notes, ElementsAre(Note{false, 24, 0.1, 0.5, 60, 1}));
  const PreparedTrack b = plan.items[2].read().tracks.at(0), c = plan.items[3].read().tracks.at(0);
  EXPECT_EQ(b.split, "validation");
  EXPECT_THAT(b.stems.at(0).programs, ElementsAre(40, kDrumProgram));
  EXPECT_EQ(b.stems.at(0).notes, notes);
  EXPECT_EQ(c.stems.at(0).notes, notes);
}

TEST(FolderDataSet, ReadsAFolderOfStemsWithTheirMix) {
  const SourceFiles files;
  add_pair(files, "train/song/guitar", 24);
  add_pair(files, "train/song/organ", 19);
  files.wav("train/song/voice.wav", sine(1, 440));
  files.wav("train/song/mix.wav", sine(1.5, 440));
  files.midi("train/song/mix.mid", played_midi(24, {{0.1, 0.5, 60}}));
  const DataSetPlan plan = plan_of(files);
  ASSERT_THAT(ids(plan), ElementsAre("train__song"));
  EXPECT_EQ(plan.items[0].files.size(), 6u);
  const PreparedItem item = plan.items[0].read();
  EXPECT_THAT(item.remarks, ElementsAre("voice: no notes beside it; it is taken for sound that is not annotated"));
  EXPECT_EQ(item.sounds.size(), 4u);
  const PreparedTrack& track = item.tracks.at(0);
  EXPECT_EQ(track.mix, "mix");
  ASSERT_EQ(track.stems.size(), 3u);
  EXPECT_EQ(track.stems[0].program, 24);
  EXPECT_EQ(track.stems[1].program, 19);
  EXPECT_EQ(track.stems[2].program, kUnannotatedProgram);
}

TEST(FolderDataSet, ReadsStemsWithoutAMix) {
  const SourceFiles files;
  add_pair(files, "a/stems/guitar");
  add_pair(files, "a/stems/bass", 33);
  files.wav("a/mix.wav", sine(1, 440));
  add_pair(files, "b/00-guitar");
  add_pair(files, "b/01-bass", 33);
  add_pair(files, "c/one");
  add_pair(files, "c/two");
  add_pair(files, "d/01-one");
  add_pair(files, "d/02-two");
  const DataSetPlan plan = plan_of(files);
  ASSERT_THAT(ids(plan), ElementsAre("a", "b", "c__one", "c__two", "d__01-one", "d__02-two")) << "d is an album";
  const PreparedTrack a = plan.items[0].read().tracks.at(0), b = plan.items[1].read().tracks.at(0);
  EXPECT_EQ(a.stems.size(), 2u);
  EXPECT_EQ(a.mix, "mix");
  EXPECT_EQ(b.stems.size(), 2u);
  EXPECT_EQ(b.mix, "");
}

TEST(FolderDataSet, GivesAStemOneProgram) {
  const SourceFiles files;
  add_pair(files, "song/a");
  files.wav("song/mix.wav", sine(1, 440));
  MidiFile midi = played_midi(24, {{0.1, 0.5, 60}, {0.5, 0.6, 61}});
  midi.tracks.push_back(played_midi(40, {{0.2, 0.5, 70}}, {}, 1).tracks.at(0));
  files.midi("song/a.mid", midi);
  const PreparedItem item = plan_of(files).items.at(0).read();
  EXPECT_THAT(item.remarks, ElementsAre("a: notes of 2 programs, all are taken for program 24"));
  EXPECT_EQ(item.tracks.at(0).stems.at(0).program, 24);
  for (const Note& note : item.tracks.at(0).stems.at(0).notes) EXPECT_EQ(note.program, 24);
}

TEST(FolderDataSet, NamesRecordingsWithoutNotes) {
  const SourceFiles files;
  files.wav("lonely.wav", sine(1, 440));
  files.wav("song/stems/a.wav", sine(1, 440));
  files.wav("empty.wav", sine(1, 440));
  files.midi("empty.mid", played_midi(0, {}));
  const DataSetPlan plan = plan_of(files);
  ASSERT_THAT(ids(plan), ElementsAre("empty", "lonely", "song"));
  const auto problem = [&](std::size_t i) { return error_message([&] { plan.items[i].read(); }); };
  EXPECT_THAT(problem(0), HasSubstr("empty.mid: no notes in it"));
  EXPECT_THAT(problem(1), HasSubstr("lonely.wav: no notes beside it (lonely with .mid"));
  EXPECT_THAT(problem(2), HasSubstr("no notes beside any stem"));
}

TEST(FolderDataSet, LeavesHiddenFilesAndOwnResultsAlone) {
  const SourceFiles files;
  add_pair(files, "song");
  add_pair(files, ".trash/old");
  files.wav("song.transcribed.wav", sine(1, 440));
  files.wav("._song.wav", sine(1, 440));
  EXPECT_THAT(ids(plan_of(files)), ElementsAre("song"));
}

TEST(FolderDataSet, GivesNamesThatAreNoUtf8AnotherId) {
  const SourceFiles files;
  add_pair(files, "train/caf\xE9");
  add_pair(files, "train/Zo\xC3\xAB \xE6\x9B\xB2");
  const TemporaryFolder out;
  PrepareOptions options;
  options.source = files.path();
  options.output = out / "store";
  const Manifest manifest = prepare_store(FolderDataSet(), options);
  EXPECT_THAT(manifest.skipped, IsEmpty());
  EXPECT_EQ(manifest.tracks, 2u);
  EXPECT_THAT(ids(plan_of(files)), ElementsAre(StartsWith("recording-"), "train__Zo\xC3\xAB \xE6\x9B\xB2"));
}

TEST(FolderDataSet, TakesOneOfTwoRecordingsOfOneName) {
  const SourceFiles files;
  add_pair(files, "train/song");
  write_audio(files.path() / "train/song.ogg", sine(1, 440, 44100), 44100, 1);
  const DataSetPlan plan = plan_of(files);
  EXPECT_EQ(plan.items.size(), 1u);
  EXPECT_THAT(plan.remarks, ElementsAre("train/song.wav: left out, there is song.ogg of the same name"));
}

TEST(FolderDataSet, SaysWhenASplitDrewNothing) {
  const SourceFiles files;
  add_pair(files, "song");
  EXPECT_EQ(plan_of(files).remarks.size(), 2u);
  EXPECT_THAT(plan_of(files).remarks[0], AllOf(HasSubstr("no recording was drawn for"), HasSubstr("--seed")));
}

TEST(FolderDataSet, SaysWhatWasExpected) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { plan_of(files); }), AllOf(HasSubstr("no recordings in it"), HasSubstr("NAME.mid")));
}

TEST(DrawnSplit, IsEightToOneToOneAndOnlyOfNameAndSeed) {
  std::map<std::string, int> counts;
  int moved = 0;
  constexpr int kNames = 10000;
  for (int i = 0; i < kNames; ++i) {
    const std::string name = "song" + std::to_string(i);
    ++counts[drawn_split(name, 1)];
    moved += drawn_split(name, 1) != drawn_split(name, 2) ? 1 : 0;
    EXPECT_EQ(drawn_split(name, 1), drawn_split(name, 1));
  }
  // Five standard deviations of a binomial draw: 5 * sqrt(10000 * 0.8 * 0.2) = 200, 5 * sqrt(10000 * 0.1 * 0.9) = 150.
  EXPECT_NEAR(counts["train"], 8000, 200);
  EXPECT_NEAR(counts["validation"], 1000, 150);
  EXPECT_NEAR(counts["test"], 1000, 150);
  // 1 - 0.64 - 0.01 - 0.01 of the names are in another split with another seed.
  EXPECT_NEAR(moved, 3400, 240);
}

}  // namespace
}  // namespace yourmt3::testing
