#include "prepare/maps_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/store.h"
#include "data/track_mix.h"
#include "made_up_midi.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void add_piece(const SourceFiles& files, const std::string& piano, const std::string& piece) {
  const std::string name = "MAPS/" + piano + "/MUS/MAPS_MUS-" + piece + "_" + piano;
  files.wav(name + ".wav", sine(1, 440, 44100), 44100, 2);
  files.midi(name + ".mid", played_midi(-1, {{0.104, 0.2, 60}}, {{0.15, 64}, {0.5, 63}}));
  files.text(name + ".txt", "OnsetTime\tOffsetTime\tMidiPitch\n0.104\t0.5\t60\n");
}

TEST(MapsDataSet, LeavesPiecesOfTheTestOutOfTraining) {
  const SourceFiles files;
  add_piece(files, "AkPnBcht", "alb_se3");
  add_piece(files, "AkPnBcht", "chpn-p1");
  add_piece(files, "AkPnBcht", "chpn-p15");
  add_piece(files, "ENSTDkAm", "chpn-p1");
  add_piece(files, "ENSTDkCl", "scn15_11");
  files.wav("MAPS/AkPnBcht/ISOL/MAPS_ISOL_CH0.3_F_AkPnBcht.wav", sine(1, 440));
  files.midi("MAPS/AkPnBcht/ISOL/MAPS_ISOL_CH0.3_F_AkPnBcht.mid", played_midi(-1, {}));
  const DataSetPlan plan = MapsDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 5u);
  const auto split_of = [&](std::size_t i) { return plan.items[i].read().tracks.at(0).split; };
  EXPECT_EQ(plan.items[0].id, "MAPS_MUS-alb_se3_AkPnBcht");
  EXPECT_EQ(split_of(0), "train");
  EXPECT_EQ(plan.items[1].id, "MAPS_MUS-chpn-p15_AkPnBcht");
  EXPECT_EQ(split_of(1), "train_overlap") << "as the reference: chpn-p1 is a part of its name";
  EXPECT_EQ(split_of(2), "train_overlap");
  EXPECT_EQ(split_of(3), "test");
  EXPECT_EQ(split_of(4), "test");
  EXPECT_THAT(plan.remarks,
              ElementsAre("1 pieces for training, 2 for test, 5 in all; the whole of MAPS has 139, 60, 270"));
}

TEST(MapsDataSet, ReadsNotesFromMidiWithPedal) {
  const SourceFiles files;
  add_piece(files, "ENSTDkCl", "scn15_11");
  const PreparedItem item = MapsDataSet().plan(files.path(), {}).items.at(0).read();
  EXPECT_THAT(item.remarks, IsEmpty());
  const PreparedTrack& track = item.tracks.at(0);
  EXPECT_EQ(track.id, "MAPS_MUS-scn15_11_ENSTDkCl");
  EXPECT_THAT(track.lists, ElementsAre("all"));
  EXPECT_THAT(track.stems.at(0).notes, ElementsAre(Note{false, 0, 0.1, 0.5, 60, 1}));
  EXPECT_EQ(item.sounds.at(0).samples.size(), 16000u);
}

TEST(MapsDataSet, PlansPiecesThatLackAFile) {
  const SourceFiles files;
  files.wav("ENSTDkCl/MUS/MAPS_MUS-scn15_11_ENSTDkCl.wav", sine(1, 440));
  EXPECT_THAT(MapsDataSet().plan(files.path(), {}).items.at(0).files,
              ElementsAre(files.path() / "ENSTDkCl/MUS/MAPS_MUS-scn15_11_ENSTDkCl.mid",
                          files.path() / "ENSTDkCl/MUS/MAPS_MUS-scn15_11_ENSTDkCl.wav"));
}

TEST(MapsDataSet, SaysWhatWasExpected) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { MapsDataSet().plan(files.path(), {}); }),
              AllOf(HasSubstr("no piece of MAPS"), HasSubstr("MAPS_MUS-alb_se3_AkPnBcht.wav")));
}

TEST(MapsDataSet, BecomesAStore) {
  const SourceFiles files;
  add_piece(files, "AkPnBcht", "alb_se3");
  add_piece(files, "ENSTDkCl", "scn15_11");
  const TemporaryFolder out;
  const auto folder = prepared_store(MapsDataSet(), files, out);
  EXPECT_EQ(Store(folder, "all").tracks().size(), 2u);
  const Store store(folder, "test");
  ASSERT_EQ(store.tracks().size(), 1u);
  EXPECT_EQ(track_samples(store.tracks()[0]), 16000u);
  EXPECT_THAT(track_notes(store.tracks()[0]), ElementsAre(Note{false, 0, 0.1, 0.5, 60, 1}));
}

}  // namespace
}  // namespace yourmt3::testing
