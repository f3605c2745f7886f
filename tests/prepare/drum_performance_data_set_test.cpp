#include "prepare/drum_performance_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/store.h"
#include "data/track_mix.h"
#include "prepare/egmd_data_set.h"
#include "prepare/groove_data_set.h"
#include "prepared_items.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::planned;
using ::testing::SizeIs;
using testing::SourceFiles;
using testing::tracks_by_list;
using ::testing::UnorderedElementsAre;

const char* const kEgmdHeading =
    "drummer,session,id,style,bpm,beat_type,time_signature,duration,split,midi_filename,audio_filename,kit_name\n";
const char* const kGrooveHeading =
    "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split\n";

Note hit(double onset_sec, int key) {
  return {true, kDrumProgram, onset_sec, onset_sec + 0.01, key, 1};
}

/// A performance at 120 beats a minute: a kick at 0.504 s under a pedal, a snare at 0.75 s and one on another channel.
void add_performance(const SourceFiles& files, const std::string& midi, const std::string& sound) {
  const auto message = [](std::uint64_t tick, int status, int data1, int data2) {
    return MidiMessage{.tick = tick,
                       .status = static_cast<std::uint8_t>(status),
                       .data1 = static_cast<std::uint8_t>(data1),
                       .data2 = static_cast<std::uint8_t>(data2)};
  };
  MidiTrack track;
  track.messages = {message(0, 0xB9, 64, 127),  message(484, 0x99, 36, 90), message(500, 0x89, 36, 0),
                    message(720, 0x99, 38, 60), message(740, 0x89, 38, 0),  message(960, 0x91, 40, 60),
                    message(1100, 0x81, 40, 0)};
  track.end_tick = 1200;
  files.midi(midi, {.tracks = {track}});
  files.wav(sound, testing::sine(1.5, 200, 44100), 44100);
}

TEST(EgmdDataSet, ReadsAllNotesAsDrumsAndKnowsTheReducedTest) {
  const SourceFiles files;
  std::string table = kEgmdHeading;
  for (const char* kit : {"1", "5", "10", "15"}) {
    const std::string name = std::string("drummer1/eval_session/1_funk-groove1_138_beat_4-4_") + kit;
    table += "drummer1,drummer1/eval_session,drummer1/eval_session/1,funk/groove1,138,beat,4-4,1.5,test," + name +
             ".midi," + name + ".wav,\"Acoustic Kit, dry\"\n";
    add_performance(files, name + ".midi", name + ".wav");
  }
  table +=
      "drummer2,drummer2/session1,drummer2/session1/3,rock,90,fill,4-4,1.5,train,drummer2/session1/"
      "3_rock_90_fill_4-4_5."
      "midi,drummer2/session1/3_rock_90_fill_4-4_5.wav,Kit\n";
  add_performance(files, "drummer2/session1/3_rock_90_fill_4-4_5.midi", "drummer2/session1/3_rock_90_fill_4-4_5.wav");
  files.text("e-gmd-v1.0.0.csv", table);

  const DataSetPlan plan = EgmdDataSet().plan(files.path(), {});
  EXPECT_THAT(plan.remarks, IsEmpty());
  EXPECT_THAT(plan.items, SizeIs(5));
  EXPECT_NE(planned(plan, "drummer1_eval_session_1_funk-groove1_138_beat_4-4_1").context,
            planned(plan, "drummer1_eval_session_1_funk-groove1_138_beat_4-4_5").context)
      << "the table may tell another split or list later";
  const PreparedItem item = planned(plan, "drummer2_session1_3_rock_90_fill_4-4_5").read();
  EXPECT_THAT(item.remarks, IsEmpty());
  ASSERT_THAT(item.tracks, SizeIs(1));
  EXPECT_EQ(item.tracks[0].split, "train");
  ASSERT_THAT(item.tracks[0].stems, SizeIs(1));
  EXPECT_EQ(item.tracks[0].stems[0].program, kDrumProgram);
  EXPECT_THAT(item.tracks[0].stems[0].notes, ElementsAre(hit(0.5, 36), hit(0.75, 38), hit(1.0, 40)))
      << "rounded to 10 ms, the pedal ignored";
  EXPECT_EQ(item.sounds[0].samples.size(), 24000U);

  auto tracks = tracks_by_list(plan);
  EXPECT_THAT(tracks["test"], SizeIs(4));
  EXPECT_THAT(tracks["test_reduced"], UnorderedElementsAre("drummer1_eval_session_1_funk-groove1_138_beat_4-4_5",
                                                           "drummer1_eval_session_1_funk-groove1_138_beat_4-4_10"))
      << "not kit 15, and not 5 of the training";
}

TEST(GrooveDataSet, LeavesOutPerformancesWithoutSoundAndRowsThatMakeNoSense) {
  const SourceFiles files;
  add_performance(files, "groove/drummer1/session1/1_rock_120_beat_4-4.mid",
                  "groove/drummer1/session1/1_rock_120_beat_4-4.wav");
  const std::string start = "drummer1,drummer1/session1,drummer1/session1/1,rock,120,beat,4-4,";
  const std::string row = "drummer1/session1/1_rock_120_beat_4-4.mid,drummer1/session1/1_rock_120_beat_4-4.wav,";
  files.text("groove/info.csv", kGrooveHeading + start + row + "1.5,validation\n" +                     //
                                    start + "drummer1/session1/2_rock_120_beat_4-4.mid,,1.5,train\n" +  //
                                    start + row + "1.5,train\n" +                                       //
                                    start + "a.mid,a.wav,1.5,holdout\n" +                               //
                                    start + "../a.mid,a.wav,1.5,train\n" +                              //
                                    start + "b.mid,b.wav,long,train\n" +                                //
                                    "drummer1,short\n");
  const DataSetPlan plan = GrooveDataSet().plan(files.path(), {});
  ASSERT_THAT(plan.items, SizeIs(1)) << "found in the folder of the archive";
  EXPECT_EQ(plan.items[0].id, "drummer1_session1_1_rock_120_beat_4-4");
  EXPECT_EQ(plan.items[0].read().tracks[0].split, "validation");
  EXPECT_THAT(
      plan.remarks,
      ElementsAre(HasSubstr("1_rock_120_beat_4-4.mid is there twice; the later one is left out"),
                  HasSubstr("info.csv, line 5: split 'holdout', expected train, validation or test; left out"),
                  HasSubstr("info.csv, line 6: '../a.mid' is no file of the data set; left out"),
                  HasSubstr("info.csv, line 7: 'long' is no number; left out"), HasSubstr("info.csv, line 8: 2 fields"),
                  HasSubstr("1 of 7 performances have no sound and are left out")));
}

TEST(GrooveDataSet, RemarksOnSoundsOfAnotherLengthThanTold) {
  const SourceFiles files;
  add_performance(files, "a.mid", "a.wav");
  files.text("info.csv", std::string(kGrooveHeading) + "d,s,i,rock,120,beat,4-4,a.mid,a.wav,27.872308,test\n");
  const PreparedItem item = GrooveDataSet().plan(files.path(), {}).items.at(0).read();
  EXPECT_THAT(item.remarks, ElementsAre(HasSubstr("a.wav: lasts 1.50 s, expected 27.87 s")));
  EXPECT_THAT(item.tracks, SizeIs(1));
}

TEST(DrumPerformanceDataSets, SayWhatTheyExpectAndFailOnTheBrokenPerformanceOnly) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { EgmdDataSet().plan(files.path(), {}); }),
              HasSubstr("no E-GMD, which has\ne-gmd-v1.0.0.csv"));
  files.text("e-gmd-v1.0.0.csv", "drummer,split\n1,train\n");
  EXPECT_THAT(error_message([&] { EgmdDataSet().plan(files.path(), {}); }),
              HasSubstr("e-gmd-v1.0.0.csv: no column 'midi_filename', only drummer, split"));
  add_performance(files, "a.mid", "a.wav");
  files.wav("b.wav", testing::sine(1.5, 200));
  files.text("b.mid", "MThd is not all");
  files.text("info.csv", std::string(kGrooveHeading) + "d,s,i,rock,120,beat,4-4,a.mid,a.wav,1.5,test\n" +
                             "d,s,i,rock,120,beat,4-4,b.mid,b.wav,1.5,test\n");
  const DataSetPlan plan = GrooveDataSet().plan(files.path(), {});
  EXPECT_THAT(planned(plan, "a").read().tracks, SizeIs(1));
  EXPECT_THAT(error_message([&] { planned(plan, "b").read(); }), HasSubstr("b.mid"));
}

TEST(DrumPerformanceDataSets, BecomeStores) {
  const std::string row = "d,s,i,rock,120,beat,4-4,";
  SourceFiles egmd, groove;
  add_performance(egmd, "a_5.midi", "a_5.wav");
  egmd.text("e-gmd-v1.0.0.csv", kEgmdHeading + row + "1.5,test,a_5.midi,a_5.wav,Kit\n");
  add_performance(groove, "a.mid", "a.wav");
  groove.text("info.csv", kGrooveHeading + row + "a.mid,a.wav,1.5,test\n");
  const testing::TemporaryFolder egmd_out, groove_out;
  const Store stores[] = {Store(testing::prepared_store(EgmdDataSet(), egmd, egmd_out), "test_reduced"),
                          Store(testing::prepared_store(GrooveDataSet(), groove, groove_out), "test")};
  for (const Store& store : stores) {
    ASSERT_EQ(store.tracks().size(), 1U);
    EXPECT_THAT(store.tracks()[0].info.annotated, ElementsAre(kDrumProgram));
    EXPECT_EQ(track_samples(store.tracks()[0]), 24000U);
    EXPECT_THAT(track_notes(store.tracks()[0]), ElementsAre(hit(0.5, 36), hit(0.75, 38), hit(1.0, 40)));
  }
}

}  // namespace
}  // namespace yourmt3
