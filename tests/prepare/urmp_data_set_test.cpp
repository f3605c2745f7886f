#include "prepare/urmp_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/track_mix.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using testing::find_sound;
using ::testing::HasSubstr;
using testing::sine;
using testing::SourceFiles;

/// A piece as it is distributed: 48 kHz, tables of onset, frequency and duration.
void add_piece(const SourceFiles& files, const std::string& folder, const std::string& id, const std::string& title,
               const std::vector<std::string>& instruments, const std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const std::string end = std::to_string(i + 1) + "_" + instruments[i] + "_" + id + "_" + title;
    files.wav(folder + "/AuSep_" + end + ".wav", sine(1, 300.0 * static_cast<double>(i + 1), 48000), 48000);
    files.text(folder + "/Notes_" + end + ".txt", notes[i]);
    files.text(folder + "/F0s_" + end + ".txt", "0.0\t0.0\n");
  }
  files.wav(folder + "/AuMix_" + std::filesystem::path(folder).filename().string() + ".wav", sine(1.25, 200, 48000),
            48000);
}

TEST(UrmpDataSet, ReadsPartsNotesAndMix) {
  const SourceFiles files;
  add_piece(files, "01_Jupiter_vn_vc", "01", "Jupiter", {"vn", "vc"},
            {"0.1\t\t440.5\t\t0.25\n0.4\t\t441\t\t0.3\n0.6\t\t439\t\t0.2\n", "0.0\t65.41\t0.5\n"});
  const DataSetPlan plan = UrmpDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 1U);
  EXPECT_EQ(plan.items[0].id, "01_Jupiter_vn_vc");
  EXPECT_EQ(plan.items[0].files.size(), 5U);
  EXPECT_THAT(plan.remarks, ElementsAre("1 of 44 pieces; missing 2-44"));

  const PreparedItem item = plan.items[0].read();
  ASSERT_EQ(item.tracks.size(), 1U);
  const PreparedTrack& track = item.tracks[0];
  EXPECT_EQ(track.split, "test");  // Piece 1 is one of MT3's.
  EXPECT_THAT(track.lists, ElementsAre("all"));
  ASSERT_EQ(track.stems.size(), 2U);
  EXPECT_EQ(track.stems[0].program, 40);
  EXPECT_EQ(track.stems[1].program, 42);
  // The second A ends where the third begins; nothing is rounded.
  EXPECT_THAT(track.stems[0].notes,
              ElementsAre(Note{false, 40, 0.1, 0.1 + 0.25, 69, 1}, Note{false, 40, 0.4, 0.6, 69, 1},
                          Note{false, 40, 0.6, 0.6 + 0.2, 69, 1}));
  EXPECT_THAT(track.stems[1].notes, ElementsAre(Note{false, 42, 0.0, 0.5, 36, 1}));
  ASSERT_NE(find_sound(item, track.stems[1].sound), nullptr);
  EXPECT_EQ(find_sound(item, track.stems[1].sound)->samples.size(), 16000U);
  ASSERT_NE(find_sound(item, track.mix), nullptr);
  EXPECT_EQ(find_sound(item, track.mix)->samples.size(), 20000U);
}

TEST(UrmpDataSet, BecomesAStore) {
  const SourceFiles files;
  add_piece(files, "01_Jupiter_vn_vc", "01", "Jupiter", {"vn", "vc"}, {"0.1 440.5 0.25\n", "0.0 65.41 0.5\n"});
  add_piece(files, "02_Sonata_vn_vn", "02", "Sonata", {"vn", "vn"}, {"0.1 440 0.5\n", "0.3 440 0.5\n"});
  add_piece(files, "03_Dance_fl_cl", "03", "Dance", {"fl", "cl"}, {"0 880 1\n", "0 220 1\n"});
  const testing::TemporaryFolder store;
  const auto folder = testing::prepared_store(UrmpDataSet(), files, store);
  const Store test(folder, "test");
  ASSERT_EQ(test.tracks().size(), 2U);
  EXPECT_EQ(Store(folder, "train").tracks().size(), 1U);
  EXPECT_EQ(Store(folder, "all").tracks().size(), 3U);
  EXPECT_THAT(UrmpDataSet().lists(), ::testing::IsSupersetOf(test.splits()));
  EXPECT_EQ(track_samples(test.tracks()[0]), 20000U);
  // Two violins on one pitch: the first ends where the second begins.
  EXPECT_THAT(track_notes(test.tracks()[1]),
              ElementsAre(Note{false, 40, 0.1, 0.3, 69, 1}, Note{false, 40, 0.3, 0.8, 69, 1}));
}

TEST(UrmpDataSet, FindsTheTromboneOfPiece15) {
  const SourceFiles files;
  add_piece(files, "Dataset/15_Surprise_tpt_tpt_tbn", "15", "Surprise", {"tpt", "tpt", "tpt"},
            {"0 440 1\n", "0 330 1\n", "0 110 1\n"});
  const DataSetPlan plan = UrmpDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 1U);
  const PreparedItem item = plan.items[0].read();
  ASSERT_EQ(item.tracks[0].stems.size(), 3U);
  EXPECT_EQ(item.tracks[0].stems[2].program, 57);
  EXPECT_THAT(item.tracks[0].stems[2].notes, ElementsAre(Note{false, 57, 0, 1, 45, 1}));
  EXPECT_EQ(item.tracks[0].split, "train");
}

TEST(UrmpDataSet, PassesOverHiddenAndSupplementaryFiles) {
  const SourceFiles files;
  add_piece(files, "03_Dance_fl_cl", "03", "Dance", {"fl", "cl"}, {"0 880 1\n", "0 220 1\n"});
  files.text("Supplementary_Files/readme.txt", "x");
  files.text("01_Supplementary_vn/readme.txt", "x");
  files.text(".04_Hidden_fl/x.txt", "x");
  files.text("03_Dance_fl_cl/._AuMix_03_Dance_fl_cl.wav", "x");
  const DataSetPlan plan = UrmpDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 1U);
  EXPECT_EQ(plan.items[0].read().tracks[0].stems[0].program, 73);
}

TEST(UrmpDataSet, TellsWhatIsWrong) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { UrmpDataSet().plan(files.path(), {}); }), HasSubstr("no piece of URMP here"));
  add_piece(files, "02_Sonata_vn_vn", "02", "Sonata", {"vn", "vn"}, {"0 440\n", "0 440 1\n"});
  EXPECT_THAT(error_message([&] { UrmpDataSet().plan(files.path(), {}).items[0].read(); }),
              ::testing::AllOf(HasSubstr("Notes_1_vn_02_Sonata.txt"), HasSubstr("2 fields")));
  files.text("02_Sonata_vn_vn/Notes_1_vn_02_Sonata.txt", "0 0 1\n");
  EXPECT_THAT(error_message([&] { UrmpDataSet().plan(files.path(), {}).items[0].read(); }),
              HasSubstr("line 1: 0 Hz is the frequency of no note"));
  files.text("05_Duet_vn_kazoo/x", "");
  EXPECT_THAT(error_message([&] { UrmpDataSet().plan(files.path(), {}); }),
              HasSubstr("no instrument is called 'kazoo'"));
}

}  // namespace
}  // namespace yourmt3
