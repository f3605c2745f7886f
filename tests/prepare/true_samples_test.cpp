// Excerpts of the real data sets, as the loader library mirdata distributes them with its tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "prepare/maestro_data_set.h"
#include "prepare/slakh_data_set.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Empty where they are not.
fs::path samples() {
  const char* folder = std::getenv("YOURMT3_MIRDATA_DIR");
  return folder == nullptr ? fs::path() : fs::path(folder);
}

#define SKIP_WITHOUT(folder)                                                                                 \
  if (samples().empty() || !fs::exists(samples() / (folder))) {                                              \
    GTEST_SKIP() << "YOURMT3_MIRDATA_DIR does not name mirdata's tests/resources/mir_datasets with " folder; \
  }

/// The real notes last for minutes, their sound was cut to two seconds.
void expect_slakh_track(const PreparedItem& item) {
  EXPECT_THAT(item.remarks, IsEmpty());
  ASSERT_EQ(item.tracks.size(), 1u);
  const PreparedTrack& track = item.tracks[0];
  EXPECT_EQ(track.id, "Track00001");
  EXPECT_EQ(track.split, "train");
  std::map<std::string, std::pair<int, std::size_t>> stems;
  for (const auto& stem : track.stems) stems[stem.sound] = {stem.program, stem.notes.size()};
  const std::map<std::string, std::pair<int, std::size_t>> expected = {
      {"S00", {30, 108}}, {"S01", {kDrumProgram, 1061}},
      {"S02", {1, 401}},  {"S03", {33, 361}},
      {"S04", {52, 68}},  {"S05", {17, 263}},
      {"S07", {26, 208}}, {"S08", {30, 130}},
      {"S09", {22, 269}}, {"S10", {22, 212}}};
  EXPECT_EQ(stems, expected);
  int lowest = 127;
  for (const Note& note : track.stems.at(3).notes) lowest = std::min(lowest, note.pitch);
  EXPECT_GE(lowest, 28) << "an electric bass goes down to E1, an octave below where Slakh writes it";
  EXPECT_LT(lowest, 36);
  ASSERT_EQ(item.sounds.size(), 11u);
  for (const PreparedSound& sound : item.sounds) EXPECT_EQ(sound.samples.size(), 32000u) << sound.name;
  float peak = 0;
  for (const float sample : find_sound(item, "mix")->samples) peak = std::max(peak, std::abs(sample));
  // Measured 0.126 at 16 kHz; resampling moves a peak by a little.
  EXPECT_NEAR(peak, 0.126, 0.005);
}

TEST(TrueSamples, SmallSlakh) {
  SKIP_WITHOUT("slakh/babyslakh_16k");
  const DataSetPlan plan = SlakhDataSet().plan(samples() / "slakh/babyslakh_16k", {});
  ASSERT_GE(plan.items.size(), 1u);
  expect_slakh_track(plan.items[0].read());
}

TEST(TrueSamples, SlakhRedux) {
  SKIP_WITHOUT("slakh/slakh2100_flac_redux");
  const DataSetPlan plan = SlakhDataSet().plan(samples() / "slakh/slakh2100_flac_redux", {});
  ASSERT_EQ(plan.items.size(), 1u);
  expect_slakh_track(plan.items[0].read());
}

TEST(TrueSamples, Maestro) {
  SKIP_WITHOUT("maestro/maestro-v2.0.0.json");
  const DataSetPlan plan = MaestroDataSet().plan(samples() / "maestro", {});
  ASSERT_EQ(plan.items.size(), 1u);
  const PreparedItem item = plan.items[0].read();
  EXPECT_THAT(item.remarks, ElementsAre("the recording lasts 2.00 s, 698.66 s are told"));
  EXPECT_EQ(item.sounds.at(0).samples.size(), 32000u);
  const auto& notes = item.tracks.at(0).stems.at(0).notes;
  EXPECT_EQ(notes.size(), 4194u) << "of 4197 keys, three are struck again within 10 ms";
  double longest_sec = 0;
  for (const Note& note : notes) longest_sec = std::max(longest_sec, note.offset_sec - note.onset_sec);
  EXPECT_GT(longest_sec, 2) << "the pedal is respected";
}

}  // namespace
}  // namespace yourmt3::testing
