#include "data/drum_kit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "data/audio_out.h"
#include "data/drum_kit_xml.h"
#include "data/synthesizer.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

TEST(DrumKeyFromName, UnderstandsTheNamesOfKits) {
  const std::pair<const char*, int> names[] = {{"Pearl Kick", 36},
                                               {"BassDrum", 36},
                                               {"Snare Rock", 38},
                                               {"Pearl Side Stick", 37},
                                               {"Hand Clap", 39},
                                               {"Closed HH", 42},
                                               {"Hi Hat Opened", 46},
                                               {"Pedal HH", 44},
                                               {"Tom Low", 45},
                                               {"Pearl Tom Floor", 41},
                                               {"Tom Hi", 50},
                                               {"Crash Jazz", 49},
                                               {"Ride Rock", 51},
                                               {"f4 - ride bell", 53},
                                               {"Cowbell", 56},
                                               {"VariBreaks Hat 1 Cl", 42},
                                               {"Snare Roll", -1},
                                               {"Djembe1 Slap", -1},
                                               {"", -1}};
  for (const auto& [name, key] : names) EXPECT_EQ(drum_key_from_name(name), key) << name;
}

TEST(ParseDrumKit, ReadsInstrumentsWithAndWithoutLayers) {
  const auto drums = parse_drum_kit(
      "<name>kit</name><instrument><name>A &amp; B</name><volume>0.5</volume>"
      "<layer><filename>1.wav</filename><max>0.5</max></layer><layer><filename>2.wav</filename><min>0.5</min></layer>"
      "</instrument><instrument><name>C</name><filename>3.wav</filename></instrument><instrument><name>cut");
  ASSERT_EQ(drums.size(), 2u);
  EXPECT_EQ(drums[0].name, "A & B");
  EXPECT_FLOAT_EQ(drums[0].volume, 0.5f);
  ASSERT_EQ(drums[0].layers.size(), 2u);
  EXPECT_EQ(drums[0].layers[1].file, "2.wav");
  EXPECT_FLOAT_EQ(drums[0].layers[1].low, 0.5f);
  ASSERT_EQ(drums[1].layers.size(), 1u);
  EXPECT_EQ(drums[1].layers[0].file, "3.wav");
}

class DrumKitTest : public ::testing::Test {
 protected:
  /// A kit of clicks with a little silence before each.
  DrumKitTest() {
    std::string xml;
    for (const char* name : {"Kick", "Snare", "Closed HH"}) {
      std::vector<float> click(4410);
      for (std::size_t i = 2000; i < 2200; ++i) click[i] = 0.8f;
      write_audio(folder_ / (std::string(name) + ".wav"), click, 44100, 1);
      xml += std::string("<instrument><name>") + name + "</name><filename>" + name + ".wav</filename></instrument>";
    }
    std::ofstream(folder_ / "drumkit.xml") << xml;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(DrumKitTest, SoundsWhenHitDespiteSilenceInTheSample) {
  const DrumKit kit(folder_.path());
  Random random(3);
  const auto samples = kit.render({kDrumProgram, {{0.5, 0.6, 38, 127}}}, 1, random);
  ASSERT_EQ(samples.size(), 16000u);
  std::size_t first = 0;
  while (first < samples.size() && std::abs(samples[first]) < 0.1f) ++first;
  // The attack keeps a millisecond before it.
  EXPECT_NEAR(static_cast<double>(first), 8000, 32);
}

TEST_F(DrumKitTest, PlaysARelativeOfAMissingDrumAndDropsTheRest) {
  const DrumKit kit(folder_.path());
  Part part{kDrumProgram, {{0, 0.1, 35, 90}, {0.2, 0.3, 40, 90}, {0.4, 0.5, 44, 90}, {0.6, 0.7, 49, 90}}};
  kit.adapt(part);
  std::vector<int> keys;
  for (const auto& note : part.notes) keys.push_back(note.pitch);
  EXPECT_THAT(keys, ::testing::ElementsAre(36, 38, 42));
}

TEST_F(DrumKitTest, RefusesAFolderThatIsNoKit) {
  EXPECT_THROW(DrumKit(folder_ / "nowhere"), Error);
  std::ofstream(folder_ / "drumkit.xml", std::ios::trunc)
      << "<instrument><name>Kick</name><filename>Kick.wav</filename></instrument>";
  EXPECT_THROW(DrumKit(folder_.path()), Error);
  std::ofstream(folder_ / "drumkit.xml", std::ios::trunc)
      << "<instrument><name>Kick</name><filename>../Kick.wav</filename></instrument>";
  EXPECT_THROW(DrumKit(folder_.path()), Error);
}

}  // namespace
}  // namespace yourmt3
