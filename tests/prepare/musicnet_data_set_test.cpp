#include "prepare/musicnet_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "data/store.h"
#include "made_up_midi.h"
#include "prepare/store_summary.h"
#include "prepare/verify_store.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kLabels =
    "start_time,end_time,instrument,note,start_beat,end_beat,note_value\n"
    "22050,44099,41,62,4.0,1.5,Dotted Quarter\n"
    "9182,90078,43,53,4.0,1.5,Dotted Quarter\n"
    "22050,22100,41,62,4.0,1.5,Eighth\n";

/// A recording in the distributed layout.
void add_recording_of(const SourceFiles& files, const std::string& part, int id) {
  const std::string number = std::to_string(id);
  files.wav(part + "_data/" + number + ".wav", sine(2.5, 440, 44100), 44100);
  files.text(part + "_labels/" + number + ".csv", kLabels);
}

/// What others have made of it.
void add_extras(const SourceFiles& files, const std::string& part, int id) {
  const std::string number = std::to_string(id);
  files.midi("musicnet_em/" + number + ".mid", played_midi(40, {{0.204, 0.5, 62}}));
  files.midi("musicnet_midis/Schubert/" + number + "_op114.mid", played_midi(41, {{0.5, 0.75, 65}}));
  files.wav(part + "_synth/" + number + ".wav", sine(1, 220, 44100), 44100);
}

TEST(MusicNetLabels, AreReadAsTheyAre) {
  const SourceFiles files;
  files.text("1727.csv", kLabels);
  EXPECT_THAT(read_musicnet_labels(files.path() / "1727.csv", false),
              ElementsAre(Note{false, 42, 9182 / 44100.0, 90078 / 44100.0, 53, 1},
                          Note{false, 40, 0.5, 44099 / 44100.0, 62, 1}, Note{false, 40, 0.5, 22100 / 44100.0, 62, 1}));
}

TEST(MusicNetLabels, KeepTheNumbersOfInstrumentsAsTheReference) {
  const SourceFiles files;
  files.text("1727.csv", kLabels);
  EXPECT_EQ(read_musicnet_labels(files.path() / "1727.csv", true).at(0).program, 43);
}

TEST(MusicNetLabels, SayWhereTheyAreBroken) {
  const SourceFiles files;
  const auto problem = [&](const std::string& text) {
    files.text("1.csv", text);
    return error_message([&] { read_musicnet_labels(files.path() / "1.csv", false); });
  };
  const std::string heading = "start_time,end_time,instrument,note,start_beat,end_beat,note_value\n";
  EXPECT_THAT(problem("a,b\n1,2\n"), HasSubstr("no column 'start_time'"));
  EXPECT_THAT(problem(heading), HasSubstr("no notes in it"));
  EXPECT_THAT(problem(heading + "1,2,0,60,0,0,x\n"), AllOf(HasSubstr("line 2"), HasSubstr("instrument 0")));
  EXPECT_THAT(problem(heading + "1,2,1,60,0,0,x\n1,2,1,200,0,0,x\n"),
              AllOf(HasSubstr("line 3"), HasSubstr("note 200")));
  EXPECT_THAT(problem(heading + "1,2\n"), HasSubstr("line 2"));
}

TEST(MusicNetLists, HaveTheSizesOfTheReference) {
  std::map<std::string, int> sizes;
  for (int id = 1000; id < 10000; ++id) {
    for (const auto kind : {MusicNetKind::kLabels, MusicNetKind::kEm, MusicNetKind::kSynth}) {
      for (const std::string& list : musicnet_lists(id, kind)) ++sizes[list];
    }
  }
  const auto all = 9000;
  EXPECT_EQ(sizes.at("train_mt3"), 2 * (all - 30));
  EXPECT_EQ(sizes.at("train_mt3_acoustic"), all - 30);
  EXPECT_EQ(sizes.at("train_mt3_em"), 2 * (all - 30));
  EXPECT_EQ(sizes.at("train_thickstun"), 2 * (all - 10));
  EXPECT_EQ(sizes.at("train_thickstun_em"), 2 * (all - 10));
  for (const char* list :
       {"validation_mt3_acoustic", "validation_mt3_em", "validation_mt3_synth", "test_mt3_acoustic", "test_mt3_em"}) {
    EXPECT_EQ(sizes.at(list), 15) << list;
  }
  EXPECT_EQ(sizes.at("test_thickstun"), 3);
  EXPECT_EQ(sizes.at("test_thickstun_em"), 3);
  EXPECT_EQ(sizes.at("test_thickstun_ext"), 10);
  EXPECT_EQ(sizes.at("test_thickstun_ext_em"), 10);
  EXPECT_EQ(sizes.at("test_cheuk_table2"), 6);
  EXPECT_EQ(sizes.at("test_em_table2"), 6);
  const auto names = musicnet_list_names();
  for (const auto& [list, size] : sizes) EXPECT_THAT(names, Contains(list));
}

TEST(MusicNetDataSet, MakesThreeTracksOfWhatIsThere) {
  const SourceFiles files;
  add_recording_of(files, "train", 1727);
  add_extras(files, "train", 1727);
  add_recording_of(files, "test", 2303);
  const DataSetPlan plan = MusicNetDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 2u);
  EXPECT_EQ(plan.items[0].files.size(), 5u);
  const PreparedItem item = plan.items[0].read();
  ASSERT_EQ(item.tracks.size(), 3u);
  ASSERT_EQ(item.sounds.size(), 2u) << "two tracks share the recording";

  const PreparedTrack& labels = item.tracks[0];
  EXPECT_EQ(labels.id, "1727");
  EXPECT_EQ(labels.split, "train");
  EXPECT_THAT(labels.lists, ElementsAre("train_mt3", "train_mt3_acoustic", "train_thickstun"));
  EXPECT_THAT(labels.stems.at(0).programs, ElementsAre(40, 42));
  EXPECT_EQ(labels.stems.at(0).notes.size(), 3u);

  const PreparedTrack& em = item.tracks[1];
  EXPECT_EQ(em.id, "1727_em");
  EXPECT_EQ(em.split, "train_em");
  EXPECT_THAT(em.lists, ElementsAre("train_mt3_em", "train_thickstun_em"));
  EXPECT_EQ(em.stems.at(0).sound, labels.stems.at(0).sound);
  EXPECT_THAT(em.stems.at(0).notes, ElementsAre(Note{false, 40, 0.2, 0.5, 62, 1}));

  const PreparedTrack& synth = item.tracks[2];
  EXPECT_EQ(synth.id, "1727_synth");
  EXPECT_EQ(synth.split, "train_synth");
  EXPECT_THAT(synth.lists, Contains("train_mt3_em"));
  EXPECT_EQ(synth.stems.at(0).sound, "synth");
  EXPECT_THAT(synth.stems.at(0).notes, ElementsAre(Note{false, 41, 0.5, 0.75, 65, 1}));

  const PreparedItem test = plan.items[1].read();
  ASSERT_EQ(test.tracks.size(), 1u);
  EXPECT_EQ(test.tracks[0].split, "test");
  EXPECT_THAT(test.tracks[0].lists,
              ElementsAre("train_mt3", "train_mt3_acoustic", "test_thickstun", "test_thickstun_ext"));
  EXPECT_THAT(plan.remarks, ElementsAre("1 recordings have no aligned labels (EM): 2303",
                                        "2 recordings, the whole of MusicNet has 330"));
}

TEST(MusicNetDataSet, FillsTheListsOfAStore) {
  const SourceFiles files;
  add_recording_of(files, "train", 1727);
  add_extras(files, "train", 1727);
  add_recording_of(files, "test", 2303);
  const TemporaryFolder out;
  const auto folder = prepared_store(MusicNetDataSet(), files, out);
  const auto ids = [&](const char* list) {
    std::vector<std::string> found;
    const Store store(folder, list);
    for (const auto& track : store.tracks()) found.push_back(track.info.id);
    return found;
  };
  EXPECT_THAT(ids("train"), ElementsAre("1727"));
  EXPECT_THAT(ids("train_thickstun"), ElementsAre("1727", "1727_synth"));
  EXPECT_THAT(ids("train_thickstun_em"), ElementsAre("1727_em", "1727_synth"));
  EXPECT_THAT(ids("test_thickstun_ext"), ElementsAre("2303"));
  EXPECT_EQ(summarize_store(folder).seconds, 2.5 + 1 + 2.5) << "a recording with two annotations is one";
  EXPECT_THAT(verify_store(folder, 1), IsEmpty());
}

TEST(MusicNetDataSet, DiscardsTheTwoMidiFilesThatAreThereTwice) {
  const SourceFiles files;
  add_recording_of(files, "test", 1819);
  files.midi("train_labels_midi/1819.mid", played_midi(0, {{0, 1, 60}}));
  files.midi("test_labels_midi/1819.mid", played_midi(0, {{0, 1, 61}}));
  files.midi("test_labels_midi/2303.mid", played_midi(0, {{0, 1, 62}}));
  files.wav("test_synth/1819.wav", sine(1, 220));
  files.wav("test_synth/2303.wav", sine(1, 220));
  const DataSetPlan plan = MusicNetDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 2u);
  EXPECT_EQ(plan.items[0].read().tracks.at(1).stems.at(0).notes.at(0).pitch, 60);
  EXPECT_EQ(plan.items[1].read().tracks.at(0).stems.at(0).notes.at(0).pitch, 62);
  EXPECT_THAT(plan.remarks, Not(Contains(HasSubstr("is there twice"))));
}

TEST(MusicNetDataSet, NamesWhatIsMissing) {
  const SourceFiles files;
  add_recording_of(files, "train", 1727);
  files.text("train_labels/1728.csv", kLabels);
  files.wav("train_data/1729.wav", sine(1, 440));
  files.wav("train_synth/1727.wav", sine(1, 440));
  files.text("train_data/notes.txt", "x");
  const DataSetPlan plan = MusicNetDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 3u);
  EXPECT_THAT(plan.items[1].files, Contains(files.path() / "train_data/1728.wav"));
  EXPECT_THAT(plan.items[2].files, ElementsAre(files.path() / "train_labels/1729.csv"));
  EXPECT_THAT(plan.remarks, Contains("1 recordings have no labels: 1729"));
  EXPECT_THAT(plan.remarks, Contains("1 recordings have no MIDI for their synthesized sound: 1727"));
  EXPECT_THAT(plan.remarks, Contains(HasSubstr("no aligned labels (musicnet_em)")));
}

TEST(MusicNetDataSet, SaysWhatWasExpected) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { MusicNetDataSet().plan(files.path(), {}); }),
              AllOf(HasSubstr("no recording of MusicNet"), HasSubstr("train_data/1727.wav")));
}

}  // namespace
}  // namespace yourmt3::testing
