// What training and evaluation find in stores whose tracks share sounds and differ in their lists.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "data/store.h"
#include "data/track_mix.h"
#include "prepare/enst_drums_data_set.h"
#include "prepare/mir_st500_data_set.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::prepared_store;
using testing::sine;
using ::testing::SizeIs;
using testing::SourceFiles;

std::vector<std::string> ids(const Store& store) {
  std::vector<std::string> ids;
  for (const auto& track : store.tracks()) ids.push_back(track.info.id);
  return ids;
}

TEST(PreparedLists, OfMirSt500TellMixturesVocalsAndStemsApart) {
  const SourceFiles files;
  files.text("MIR-ST500_corrected.json", R"({"1": [[0.1, 0.5, 62]], "2": [[0.2, 0.4, 60]]})");
  for (const std::string folder : {"train/1", "train/2"}) {
    files.wav(folder + "/converted_Mixture.wav", sine(1, 200));
    files.wav(folder + "/vocals.wav", sine(1, 300));
    files.wav(folder + "/accompaniment.wav", sine(1, 100));
  }
  const testing::TemporaryFolder out;
  const auto folder = prepared_store(MirSt500DataSet(), files, out);
  EXPECT_THAT(ids(Store(folder, "train")), ElementsAre("1", "2"));
  EXPECT_THAT(ids(Store(folder, "all_stem")), ElementsAre("1_stem", "2_stem"));

  const Store mixtures(folder, "train");
  EXPECT_THAT(mixtures.tracks()[0].info.annotated, ElementsAre(kSingingProgram));
  EXPECT_THAT(mixtures.tracks()[0].stems[0].info.programs, ElementsAre(kSingingProgram, kUnannotatedProgram));
  EXPECT_THAT(track_notes(mixtures.tracks()[0]), ElementsAre(Note{false, kSingingProgram, 0.1, 0.5, 62, 1}));
  const Store vocals(folder, "train_vocal");
  ASSERT_THAT(vocals.tracks(), SizeIs(2));
  EXPECT_FALSE(vocals.tracks()[0].stems[0].info.is_mix());
  const Store stems(folder, "train_stem");
  ASSERT_THAT(stems.tracks()[0].stems, SizeIs(2));
  EXPECT_EQ(stems.tracks()[0].stems[0].info.file, vocals.tracks()[0].stems[0].info.file) << "stored once";
  EXPECT_EQ(track_mix(stems.tracks()[0]), track_mix(mixtures.tracks()[0])) << "the recording, not a sum of stems";
}

TEST(PreparedLists, OfEnstDrumsHaveTheMixOfTheirRatio) {
  const SourceFiles files;
  files.text("drummer_3/annotation/126_minus-one_salsa.txt", "0.204331 bd\n0.5 sd\n");
  files.wav("drummer_3/audio/wet_mix/126_minus-one_salsa.wav", sine(1, 200));
  files.wav("drummer_3/audio/accompaniment/126_minus-one_salsa.wav", sine(1, 200));
  const testing::TemporaryFolder out;
  const auto folder = prepared_store(EnstDrumsDataSet(), files, out);
  EXPECT_THAT(ids(Store(folder, "test")), ElementsAre("3_126_dtp"));
  EXPECT_THAT(ids(Store(folder, "drummer_3_dtm_r1")), ElementsAre("3_126_dtm_r1"));
  EXPECT_THAT(ids(Store(folder, "drummer_3_dtm_r2")), ElementsAre("3_126_dtm_r2"));
  const Store mixed(folder, "drummer_3_dtm_r2");
  const auto& track = mixed.tracks()[0];
  EXPECT_THAT(track.info.annotated, ElementsAre(kDrumProgram));
  EXPECT_THAT(track_notes(track), SizeIs(2));
  // Both sounds are the same half loud sine here, whose mix by any ratio is that sine at full scale.
  const auto samples = track_mix(track);
  ASSERT_EQ(samples.size(), 16000U);
  EXPECT_NEAR(samples[8020], std::sin(2 * std::numbers::pi * 200 * 8020 / 16000), 1e-3);
}

}  // namespace
}  // namespace yourmt3
