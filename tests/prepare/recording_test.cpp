#include "prepare/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "source_files.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Recording, IsMonoAtSixteenKilohertz) {
  const SourceFiles files;
  files.wav("a.wav", sine(1, 440, 44100), 44100, 2);
  PreparedItem item;
  add_recording(item, "mix", files.path() / "a.wav");
  ASSERT_EQ(item.sounds.size(), 1u);
  EXPECT_EQ(item.sounds[0].name, "mix");
  ASSERT_EQ(item.sounds[0].samples.size(), 16000u);
  // Both channels are alike, so the mean has their level: half of full scale at a quarter of the period.
  EXPECT_NEAR(item.sounds[0].samples[8009], 0.5 * std::sin(2 * std::numbers::pi * 440 * 8009 / 16000), 1e-3);
  EXPECT_THAT(item.remarks, IsEmpty());
}

TEST(Recording, ThatBreaksOffIsRemarkedOn) {
  const SourceFiles files;
  files.wav("a.wav", sine(1, 440));
  std::filesystem::resize_file(files.path() / "a.wav", 10044);
  PreparedItem item;
  add_recording(item, "mix", files.path() / "a.wav");
  EXPECT_EQ(item.sounds[0].samples.size(), 5000u);
  EXPECT_THAT(item.remarks, ElementsAre(HasSubstr("a.wav")));
}

}  // namespace
}  // namespace yourmt3::testing
