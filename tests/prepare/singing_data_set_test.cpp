#include "prepare/singing_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/store.h"
#include "data/track_mix.h"
#include "prepare/cmedia_data_set.h"
#include "prepare/mir_st500_data_set.h"
#include "prepare/singing_annotation.h"
#include "prepared_items.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using testing::find_sound;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::planned;
using testing::sine;
using ::testing::SizeIs;
using testing::SourceFiles;
using testing::track_of;
using testing::tracks_by_list;
using ::testing::UnorderedElementsAre;

Note sung(double onset_sec, double offset_sec, int pitch) {
  return {false, kSingingProgram, onset_sec, offset_sec, pitch, 1};
}

/// A recording of the reference's packages.
void add_song(const SourceFiles& files, const std::string& folder) {
  files.wav(folder + "/converted_Mixture.wav", sine(1, 200));
  files.wav(folder + "/vocals.wav", sine(1, 300));
  files.wav(folder + "/accompaniment.wav", sine(1, 100));
}

TEST(SingingAnnotation, ReadsNotesUnroundedAndCutsOverlaps) {
  const auto all = parse_singing_annotation(
      R"({"12": [[0.368664, 0.831662, 62], [0.7, 1.2, 62.9], [2, 2.004, 60]], "3": []})", "a.json", false);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all.at(12).notes, ElementsAre(sung(0.368664, 0.7, 62), sung(0.7, 1.2, 62), sung(2, 2 + 0.01, 60)));
  EXPECT_THAT(all.at(3).notes, IsEmpty());
}

TEST(SingingAnnotation, LengthensShortNotesToTheNextWhereAsked) {
  const std::string text =
      R"({"7": [[1, 1.005, 60], [1.3, 1.4, 62], [2, 2.001, 64], [2.8, 3, 65], [4, 4.001, 60]],
          "101": [[1, 1.005, 60], [1.3, 1.4, 62]]})";
  const auto all = parse_singing_annotation(text, "a.json", true);
  EXPECT_THAT(all.at(7).notes, ElementsAre(sung(1, 1.3, 60), sung(1.3, 1.4, 62), sung(2, 2 + 0.01, 64),
                                           sung(2.8, 3, 65), sung(4, 4 + 0.01, 60)))
      << "0.8 s are too far, and after the last there is none";
  EXPECT_THAT(all.at(101).notes, ElementsAre(sung(1, 1 + 0.01, 60), sung(1.3, 1.4, 62)))
      << "as the reference: up to 100";
}

TEST(SingingAnnotation, TellsFaultsOfOneRecordingThereAndOfTheWholeAtOnce) {
  const auto all = parse_singing_annotation(
      R"({"1": [[0, 1, 60]], "2": [[0, 1]], "3": [[0, 1, 200]], "4": {"a": 1}, "5": [[0.1, 0.2, 60], [-1, 1, 60]]})",
      "a.json", false);
  EXPECT_EQ(all.at(1).fault, "");
  EXPECT_EQ(all.at(2).fault, "a.json, recording 2: note 0 is not three numbers, [onset, offset, pitch]");
  EXPECT_THAT(all.at(3).fault, HasSubstr("a.json, recording 3: note 0 is [0, 1, 200]"));
  EXPECT_EQ(all.at(4).fault, "a.json, recording 4: no list of notes");
  EXPECT_THAT(all.at(5).fault, HasSubstr("recording 5: note 1 is [-1, 1, 60]"));
  EXPECT_THAT(error_message([] { parse_singing_annotation("{", "a.json", false); }), HasSubstr("a.json: no JSON"));
  EXPECT_THAT(error_message([] { parse_singing_annotation("[]", "a.json", false); }), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_message([] { parse_singing_annotation(R"({"a": []})", "a.json", false); }),
              HasSubstr("a.json: 'a' is no number of a recording"));
  EXPECT_THAT(error_message([] { parse_singing_annotation(R"({"1": [], "01": []})", "a.json", false); }),
              HasSubstr("recording 1 is there twice"));
}

TEST(MirSt500DataSet, GivesThreeTracksThatShareTheirSounds) {
  const SourceFiles files;
  files.text("MIR-ST500_20210206/MIR-ST500_corrected.json",
             R"({"17": [[0.1, 0.5, 62]], "401": [[0.2, 0.4, 60], [0.4, 0.405, 61], [0.6, 0.8, 62]]})");
  add_song(files, "train/17");
  add_song(files, "test/401");
  const DataSetPlan plan = MirSt500DataSet().plan(files.path(), {});
  EXPECT_THAT(plan.remarks, IsEmpty());
  EXPECT_THAT(planned(plan, "17").files, SizeIs(4));

  const PreparedItem item = planned(plan, "401").read();
  EXPECT_THAT(item.sounds, SizeIs(3));
  const PreparedTrack& mixture = track_of(item, "401");
  EXPECT_EQ(mixture.split, "test");
  ASSERT_THAT(mixture.stems, SizeIs(1));
  EXPECT_THAT(mixture.stems[0].programs, UnorderedElementsAre(kSingingProgram, kUnannotatedProgram));
  EXPECT_EQ(mixture.stems[0].notes[1], sung(0.4, 0.4 + 0.01, 61)) << "short notes are repaired, not lengthened";
  const PreparedTrack& vocal = track_of(item, "401_vocal");
  ASSERT_THAT(vocal.stems, SizeIs(1));
  EXPECT_EQ(vocal.stems[0].program, kSingingProgram);
  EXPECT_THAT(vocal.stems[0].programs, IsEmpty());
  EXPECT_EQ(vocal.stems[0].sound, "vocals");
  EXPECT_THAT(vocal.stems[0].notes, SizeIs(3));
  const PreparedTrack& stem = track_of(item, "401_stem");
  ASSERT_THAT(stem.stems, SizeIs(2));
  EXPECT_EQ(stem.stems[0].program, kSingingProgram);
  EXPECT_THAT(stem.stems[0].notes, SizeIs(3));
  EXPECT_EQ(stem.stems[1].program, kUnannotatedProgram);
  EXPECT_THAT(stem.stems[1].notes, IsEmpty());
  EXPECT_EQ(stem.mix, "mixture");

  auto tracks = tracks_by_list(plan);
  EXPECT_THAT(tracks["train"], UnorderedElementsAre("17"));
  EXPECT_THAT(tracks["train_vocal"], UnorderedElementsAre("17_vocal"));
  EXPECT_THAT(tracks["train_stem"], UnorderedElementsAre("17_stem"));
  EXPECT_THAT(tracks["test"], UnorderedElementsAre("401"));
  EXPECT_THAT(tracks["test_vocal"], UnorderedElementsAre("401_vocal"));
  EXPECT_THAT(tracks["all"], UnorderedElementsAre("17", "401"));
  const auto lists = MirSt500DataSet().lists();
  EXPECT_THAT(lists, UnorderedElementsAre("train", "train_vocal", "train_stem", "test", "test_vocal", "test_stem",
                                          "all", "all_vocal", "all_stem"));
  for (const auto& [list, ids] : tracks) EXPECT_TRUE(std::count(lists.begin(), lists.end(), list)) << list;
}

TEST(MirSt500DataSet, TakesAPlainLayoutAndWhatThereIsOfASong) {
  const SourceFiles files;
  files.text("MIR-ST500_corrected.json",
             R"({"1": [[0, 1, 60]], "2": [[0, 1, 60]], "3": [[0, 1, 60]], "4": [[0, 1, 60]], "501": []})");
  files.wav("1/Mixture.wav", sine(1, 200, 44100), 44100, 2);
  files.wav("1/Vocals.wav", sine(1, 300, 44100), 44100, 2);
  files.wav("train/2.wav", sine(0.5, 200, 22050), 22050);
  files.wav("audio/3/vocals.wav", sine(1, 300));
  const DataSetPlan plan = MirSt500DataSet().plan(files.path(), {});
  ASSERT_THAT(plan.items, SizeIs(3));
  EXPECT_THAT(plan.remarks,
              ElementsAre(HasSubstr("1 of 5 recordings have a number that is not in 1-500 and are left out: 501"),
                          HasSubstr("1 of 5 recordings have no sound: 4"), HasSubstr("have no mixture: 3"),
                          HasSubstr("1 of 5 recordings have no vocals, so that only their mixture is of use: 2"),
                          HasSubstr("3 of 5 recordings have no accompaniment, so that they give no stems: 1-3")));
  const PreparedItem first = planned(plan, "1").read();
  EXPECT_THAT(first.tracks, SizeIs(2));
  EXPECT_EQ(find_sound(first, "mixture")->samples.size(), 16000U);
  const PreparedItem second = planned(plan, "2").read();
  ASSERT_THAT(second.tracks, SizeIs(1));
  EXPECT_EQ(second.tracks[0].id, "2");
  EXPECT_EQ(find_sound(second, "mixture")->samples.size(), 8000U);
  const PreparedItem third = planned(plan, "3").read();
  ASSERT_THAT(third.tracks, SizeIs(1));
  EXPECT_EQ(third.tracks[0].id, "3_vocal");
}

TEST(MirSt500DataSet, FailsOnTheRecordingWithBrokenNotesOnly) {
  const SourceFiles files;
  files.text("MIR-ST500_corrected.json", R"({"1": [[0, 1, 60]], "2": [[0, "x", 60]]})");
  add_song(files, "train/1");
  add_song(files, "train/2");
  const DataSetPlan plan = MirSt500DataSet().plan(files.path(), {});
  EXPECT_THAT(planned(plan, "1").read().tracks, SizeIs(3));
  EXPECT_THAT(error_message([&] { planned(plan, "2").read(); }),
              HasSubstr("MIR-ST500_corrected.json, recording 2: note 0 is not three numbers"));
}

TEST(MirSt500DataSet, SaysWhatItExpectsWithoutNotesOrSounds) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { MirSt500DataSet().plan(files.path(), {}); }),
              HasSubstr("no MIR-ST500, which has\nMIR-ST500_20210206/MIR-ST500_corrected.json or"));
  files.text("MIR-ST500_corrected.json", R"({"1": [[0, 1, 60]]})");
  EXPECT_THAT(error_message([&] { MirSt500DataSet().plan(files.path(), {}); }),
              HasSubstr("notes of 1 recordings, but no sound of any; expected"));
}

TEST(CmediaDataSet, LengthensShortNotesAndIsAllForTraining) {
  const SourceFiles files;
  files.text("Cmedia-train/Cmedia_train_gt.json", R"({"100": [[0.1, 0.1, 62], [0.3, 0.5, 64]]})");
  add_song(files, "train/100");
  const DataSetPlan plan = CmediaDataSet().plan(files.path(), {});
  const PreparedItem item = planned(plan, "100").read();
  EXPECT_THAT(track_of(item, "100_vocal").stems[0].notes, ElementsAre(sung(0.1, 0.3, 62), sung(0.3, 0.5, 64)));
  EXPECT_THAT(CmediaDataSet().lists(),
              UnorderedElementsAre("train", "train_vocal", "train_stem", "all", "all_vocal", "all_stem"));
}

TEST(CmediaDataSet, BecomesAStore) {
  const SourceFiles files;
  files.text("Cmedia-train/Cmedia_train_gt.json", R"({"7": [[0.1, 0.1, 62], [0.3, 0.5, 64]]})");
  add_song(files, "train/7");
  const testing::TemporaryFolder out;
  const auto folder = testing::prepared_store(CmediaDataSet(), files, out);
  EXPECT_EQ(Store(folder, "train").tracks().size(), 1U);
  const Store stems(folder, "train_stem");
  ASSERT_EQ(stems.tracks().size(), 1U);
  EXPECT_THAT(stems.tracks()[0].info.annotated, ElementsAre(kSingingProgram));
  EXPECT_THAT(track_notes(stems.tracks()[0]), ElementsAre(sung(0.1, 0.3, 62), sung(0.3, 0.5, 64)));
}

}  // namespace
}  // namespace yourmt3
