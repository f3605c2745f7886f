// Tracks in which something sounds that nobody wrote down, and mixes, through StemMixer.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "data/stem_mixer.h"
#include "stem_stores.h"

namespace yourmt3 {
namespace {

TEST_F(StemMixerTest, MixesWholeRecordingsAsOneRow) {
  const StemMixer mixer({{mix_store("mixes", {0, 33}), store("solos", {{"d", {73}}, {"e", {33}}})}}, {});
  int with_solo = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& segment : mixer.make(b)) {
      EXPECT_EQ(click_places(segment), onset_places(segment));
      const auto programs = programs_of(segment);
      if (programs.contains(0)) {
        EXPECT_TRUE(programs.contains(33));
        with_solo += programs.contains(73) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(with_solo, 0);
}

TEST_F(StemMixerTest, KeepsIncompleteRecordingsToThemselves) {
  const StemMixer mixer({{mix_store("songs", {kSingingProgram, kUnannotatedProgram}), store("solos", {{"d", {73}}})}},
                        {});
  int songs = 0;
  MixCounts counts;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) counts += mix.counts;
    for (const auto& segment : mixer.make(b)) {
      if (programs_of(segment).contains(kSingingProgram)) {
        ++songs;
        EXPECT_EQ(programs_of(segment), std::set<int>{kSingingProgram});
        EXPECT_EQ(segment.annotated, std::vector<int>{kSingingProgram});
      } else {
        EXPECT_FALSE(segment.annotated.has_value());
      }
    }
  }
  EXPECT_GT(songs, 20);
  EXPECT_GT(counts.skipped_unannotated, 0);
}

TEST_F(StemMixerTest, MixesIncompleteRecordingsWhereAsked) {
  StemMixOptions options;
  options.unannotated = UnannotatedRule::kMix;
  const StemMixer mixer({{mix_store("songs", {kSingingProgram, kUnannotatedProgram}), store("solos", {{"d", {73}}})}},
                        options);
  int together = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& segment : mixer.make(b)) {
      const auto programs = programs_of(segment);
      EXPECT_EQ(segment.annotated.has_value(), programs.contains(kSingingProgram));
      if (segment.annotated) {
        EXPECT_EQ(*segment.annotated, std::vector<int>{kSingingProgram});
        together += programs.contains(73) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(together, 10);
}

TEST_F(StemMixerTest, TellsOnlyWhatEverySourceTells) {
  StemMixOptions options;
  options.unannotated = UnannotatedRule::kMix;
  options.policy.no_instrument_overlap = options.policy.no_drum_overlap = false;
  const StemMixer mixer({{mix_store("songs", {kSingingProgram, kUnannotatedProgram}),
                          mix_store("drummers", {kDrumProgram, kUnannotatedProgram})}},
                        options);
  int both = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& segment : mixer.make(b)) {
      ASSERT_TRUE(segment.annotated.has_value());
      const auto programs = programs_of(segment);
      if (programs.size() == 2) {
        EXPECT_TRUE(segment.annotated->empty());
        ++both;
      } else {
        EXPECT_EQ(*segment.annotated, std::vector<int>(programs.begin(), programs.end()));
      }
    }
  }
  EXPECT_GT(both, 10);
}

TEST_F(StemMixerTest, DropsTheUnannotatedStemWithItsChance) {
  StemMixOptions options;
  options.policy.max_k = 0;
  const auto sets = std::vector{store("vocals", {{"a", {kSingingProgram, kUnannotatedProgram}}})};
  const StemMixer mixer(sets, options);
  int incomplete = 0;
  for (std::uint64_t b = 0; b < 50; ++b) {
    for (const auto& segment : mixer.make(b)) {
      incomplete += segment.annotated ? 1 : 0;
      const auto clicks = click_places(segment);
      EXPECT_EQ(clicks.size() > onset_places(segment).size(), segment.annotated.has_value());
    }
  }
  // 600 draws with chance 0.3; six standard deviations.
  EXPECT_NEAR(incomplete / 600.0, 0.3, 0.113);
  options.unannotated = UnannotatedRule::kExclude;
  for (const auto& segment : StemMixer(sets, options).make(0)) {
    EXPECT_FALSE(segment.annotated.has_value());
    EXPECT_EQ(click_places(segment), onset_places(segment));
  }
}

TEST_F(StemMixerTest, BelievesTheIndexAboutWhatIsAnnotated) {
  const auto set = store("set", {{"a", {0, 33}}});
  const auto index = folder_ / "set/index.jsonl";
  std::string line;
  std::getline(std::ifstream(index) >> std::ws, line);
  line.replace(line.find("\"annotated\":[0,33]"), 18, "\"annotated\":[33]");
  std::ofstream(index, std::ios::trunc) << line << "\n";
  StemMixOptions options;
  options.policy.keep = 1;
  for (const auto& segment : StemMixer({{set}}, options).make(0)) {
    EXPECT_EQ(segment.annotated, std::vector<int>{33});
    EXPECT_EQ(programs_of(segment), std::set<int>{33});
    EXPECT_GT(click_places(segment).size(), onset_places(segment).size());
  }
}

}  // namespace
}  // namespace yourmt3
