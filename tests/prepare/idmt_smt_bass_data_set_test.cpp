#include "prepare/idmt_smt_bass_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "data/store.h"
#include "prepare/prepare_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using ::testing::HasSubstr;
using testing::sine;
using testing::SourceFiles;

std::vector<float> with_silence(std::vector<float> samples, std::size_t silence) {
  samples.insert(samples.begin(), silence, 0.F);
  samples.insert(samples.end(), silence, 0.F);
  return samples;
}

TEST(FindPluckedNote, LooksAtTheHighestSampleOfEachFrame) {
  std::vector<float> samples(2560, 0.F);
  samples[300] = 0.04F;   // Frame 1: too soft to begin.
  samples[767] = 0.9F;    // The last of frame 2 is not looked at.
  samples[900] = -0.9F;   // Neither are low ones.
  samples[1030] = 0.06F;  // Frame 4.
  samples[1800] = 0.03F;  // Frame 7: soft, but sounding.
  const PluckedNote note = find_plucked_note(samples);
  EXPECT_EQ(note.onset_sec, 0.06);   // 4 * 16 ms = 64 ms; of MIDI ticks 61, 63.5 ms.
  EXPECT_EQ(note.offset_sec, 0.11);  // 112 ms.
}

TEST(FindPluckedNote, GivesEveryNoteALength) {
  std::vector<float> samples(512, 0.F);
  samples[3] = 1.F;
  const PluckedNote note = find_plucked_note(samples);
  EXPECT_EQ(note.onset_sec, 0);
  EXPECT_EQ(note.offset_sec, 0.01);
  EXPECT_THAT(error_message([] { find_plucked_note(std::vector<float>(512, 0.01F)); }), HasSubstr("no note begins"));
}

TEST(IdmtSmtBassDataSet, ReadsNotesAndAddsSilence) {
  const SourceFiles files;
  files.wav("PS/FS/BS_1_EQ_1_FS_NO_1_0.wav", sine(1, 100, 44100), 44100);
  files.wav("PS/PK/BS_3_EQ_2_PK_NO_4_12.wav", sine(0.5, 100, 44100), 44100);
  files.wav("ES/BE/BS_1_EQ_1_FS_BE_1_0.wav", sine(1, 100));  // Expression styles are not used.
  const DataSetPlan plan = IdmtSmtBassDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 2U);
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("2 notes; the published data set has 2342")));
  const PreparedItem fingered = plan.items[0].read();
  EXPECT_EQ(fingered.sounds[0].samples.size(), 28800U + 16000U + 28800U);
  EXPECT_EQ(fingered.sounds[0].samples[28799], 0.F);
  ASSERT_EQ(fingered.tracks.size(), 1U);
  EXPECT_EQ(fingered.tracks[0].id, "BS_1_EQ_1_FS_NO_1_0");
  // The open E string; from the frame in which the tone begins to the last in which it sounds.
  EXPECT_THAT(fingered.tracks[0].stems[0].notes, ElementsAre(Note{false, 33, 1.79, 2.78, 28, 1}));
  EXPECT_THAT(plan.items[1].read().tracks[0].stems[0].notes, ElementsAre(Note{false, 34, 1.79, 2.29, 43 + 12, 1}));
}

TEST(IdmtSmtBassDataSet, LeavesTheReferencesPackageAsItIs) {
  const SourceFiles files;
  files.wav("PS/ST/BS_1_EQ_1_ST_NO_5_1.wav", with_silence(sine(1, 100), 28800));
  files.wav("PS/SP/BS_1_EQ_1_SP_NO_1_1.wav", with_silence(sine(1, 100), 28800));
  files.wav("PS/SP/BS_1_EQ_1_SP_NO_1_2.wav", with_silence(sine(1, 100), 28800));
  files.text("stratified_split_crepe_smt.json",
             R"({"train": ["PS/SP/BS_1_EQ_1_SP_NO_1_1.wav"], "validation": ["PS/ST/BS_1_EQ_1_ST_NO_5_1.wav"]})");
  const DataSetPlan plan = IdmtSmtBassDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 2U);
  EXPECT_THAT(plan.remarks, ::testing::Contains(HasSubstr("1 recordings are not in stratified_split")));
  const PreparedItem slapped = plan.items[0].read();
  EXPECT_EQ(slapped.sounds[0].samples.size(), 16000U + 2 * 28800U);
  EXPECT_EQ(slapped.tracks[0].split, "train");
  EXPECT_EQ(slapped.tracks[0].stems[0].program, 36);
  const PreparedItem thumbed = plan.items[1].read();
  EXPECT_EQ(thumbed.tracks[0].split, "validation");
  EXPECT_THAT(thumbed.tracks[0].stems[0].notes, ElementsAre(Note{false, 37, 1.79, 2.78, 49, 1}));
}

TEST(IdmtSmtBassDataSet, DrawsAFifthOfEveryStyle) {
  const SourceFiles files;
  for (const std::string style : {"FS", "MU", "PK"}) {
    for (int fret = 0; fret < 12; ++fret) {
      files.wav("PS/" + style + "/BS_1_EQ_1_" + style + "_NO_1_" + std::to_string(fret) + ".wav", sine(0.1, 100));
    }
  }
  const auto drawn = [&](std::uint64_t seed) {
    std::map<std::string, std::set<std::string>> validation;
    DataSetOptions options;
    options.seed = seed;
    for (const PlannedItem& item : IdmtSmtBassDataSet().plan(files.path(), options).items) {
      const PreparedTrack track = item.read().tracks[0];
      if (track.split == "validation") validation[track.id.substr(10, 2)].insert(track.id);
    }
    return validation;
  };
  const auto first = drawn(1);
  ASSERT_EQ(first.size(), 3U);
  for (const auto& [style, tracks] : first) EXPECT_EQ(tracks.size(), 3U) << style;  // 12 / 5, rounded up.
  EXPECT_EQ(drawn(1), first);
  EXPECT_NE(drawn(2), first);
}

TEST(IdmtSmtBassDataSet, BecomesAStoreThatFollowsTheSeed) {
  const SourceFiles files;
  for (int fret = 0; fret < 5; ++fret) {
    files.wav("PS/FS/BS_1_EQ_1_FS_NO_1_" + std::to_string(fret) + ".wav", sine(0.1, 100));
  }
  const testing::TemporaryFolder store;
  PrepareOptions options;
  options.source = files.path();
  options.output = store / "bass";
  const auto validation = [&](std::uint64_t seed) {
    options.data_set.seed = seed;
    prepare_store(IdmtSmtBassDataSet(), options);
    const Store held_out(options.output, "validation");
    EXPECT_THAT(IdmtSmtBassDataSet().lists(), ::testing::IsSupersetOf(held_out.splits()));
    EXPECT_EQ(Store(options.output, "train").tracks().size(), 4U);
    return held_out.tracks().at(0).info.id;
  };
  std::set<std::string> drawn;
  for (std::uint64_t seed = 1; seed < 8; ++seed) drawn.insert(validation(seed));
  EXPECT_GT(drawn.size(), 1U);
}

TEST(IdmtSmtBassDataSet, TellsWhatIsWrong) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { IdmtSmtBassDataSet().plan(files.path(), {}); }),
              HasSubstr("no IDMT-SMT-Bass here; expected\nPS/FS/BS_1_EQ_1"));
  for (const std::string name : {"short.wav", "BS_1_EQ_1_XX_NO_1_0.wav", "BS_1_EQ_1_FS_NO_6_0.wav",
                                 "BS_1_EQ_1_FS_NO_1_x.wav", "BS_1_EQ_1_FS_NO_1_-1.wav"}) {
    const SourceFiles bad;
    bad.wav("PS/FS/" + name, sine(0.1, 100));
    EXPECT_THAT(error_message([&] { IdmtSmtBassDataSet().plan(bad.path(), {}).items[0].read(); }),
                ::testing::AllOf(HasSubstr(name), HasSubstr("expected eight fields")));
  }
  const SourceFiles silent;
  silent.wav("PS/FS/BS_1_EQ_1_FS_NO_1_0.wav", std::vector<float>(1600, 0.F));
  EXPECT_THAT(error_message([&] { IdmtSmtBassDataSet().plan(silent.path(), {}).items[0].read(); }),
              HasSubstr("FS_NO_1_0.wav: no sample above 0.05"));
  silent.text("stratified_split_crepe_smt.json", R"({"train": []})");
  EXPECT_THAT(error_message([&] { IdmtSmtBassDataSet().plan(silent.path(), {}); }),
              HasSubstr("expected lists of paths 'train' and 'validation'"));
}

}  // namespace
}  // namespace yourmt3
