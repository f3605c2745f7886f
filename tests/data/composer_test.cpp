#include "data/composer.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "data/instruments.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

void expect_playable(const Song& song, const std::string& which) {
  for (const auto& part : song.parts) {
    const auto range = instrument_range(part.program);
    std::map<int, double> sounding_until;
    double last_onset = 0;
    for (const auto& note : part.notes) {
      EXPECT_TRUE(range.contains(note.pitch)) << which << ": program " << part.program << ", pitch " << note.pitch;
      EXPECT_GE(note.onset_sec, last_onset) << which;
      EXPECT_LE(note.onset_sec, song.seconds) << which;
      EXPECT_GT(note.offset_sec, note.onset_sec) << which;
      EXPECT_GE(note.velocity, 1) << which;
      EXPECT_LE(note.velocity, 127) << which;
      const auto earlier = sounding_until.find(note.pitch);
      if (earlier != sounding_until.end()) {
        EXPECT_LE(earlier->second, note.onset_sec) << which << ": a pitch sounds twice";
      }
      sounding_until[note.pitch] = note.offset_sec;
      last_onset = note.onset_sec;
    }
  }
}

TEST(Composer, WritesTheSamePieceForTheSameSeed) {
  ComposeOptions options;
  options.seed = 42;
  options.seconds = 30;
  const auto song = compose(options);
  EXPECT_EQ(song, compose(options));
  options.seed = 43;
  EXPECT_NE(song, compose(options));
}

TEST(Composer, WritesPlayablePartsInEveryStyle) {
  for (int style = 0; style < kStyles; ++style) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      ComposeOptions options;
      options.seed = seed;
      options.seconds = 16;
      options.style = static_cast<Style>(style);
      const auto song = compose(options);
      const auto which = std::string(to_string(*options.style)) + " " + std::to_string(seed);
      EXPECT_FALSE(song.parts.empty()) << which;
      expect_playable(song, which);
      std::set<int> programs;
      for (const auto& part : song.parts)
        EXPECT_TRUE(programs.insert(part.program).second) << which << ": a program twice";
    }
  }
}

TEST(Composer, UsesEveryPitchedFamilyAndDrums) {
  std::set<int> families;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    ComposeOptions options;
    options.seed = seed;
    for (const auto& part : compose(options).parts) families.insert(part.is_drum() ? 99 : part.program / 8);
  }
  for (int family = 0; family < 12; ++family) EXPECT_TRUE(families.contains(family)) << "family " << family;
  EXPECT_TRUE(families.contains(99)) << "drums";
}

TEST(Composer, KnowsItsStylesByName) {
  for (int style = 0; style < kStyles; ++style) {
    const auto name = to_string(static_cast<Style>(style));
    EXPECT_EQ(style_from_name(name), static_cast<Style>(style)) << name;
  }
  EXPECT_EQ(style_from_name("polka"), std::nullopt);
}

TEST(Composer, RefusesALengthThatIsNone) {
  for (const double seconds : {0.0, -1.0, 1e9}) {
    ComposeOptions options;
    options.seconds = seconds;
    EXPECT_THROW(compose(options), Error) << seconds;
    EXPECT_THROW(compose_practice(1, seconds), Error) << seconds;
  }
}

TEST(Practice, CoversTheWholeRangeOfThePiano) {
  std::set<int> pitches;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const auto song = compose_practice(seed, 16);
    expect_playable(song, "practice " + std::to_string(seed));
    for (const auto& part : song.parts) {
      if (part.program != 0) continue;
      for (const auto& note : part.notes) pitches.insert(note.pitch);
    }
  }
  EXPECT_GE(pitches.size(), 80u) << "of 88 keys";
}

TEST(Practice, IsDeterministicAndMixesFamilies) {
  EXPECT_EQ(compose_practice(7, 12, 3), compose_practice(7, 12, 3));
  EXPECT_NE(compose_practice(7, 12, 3), compose_practice(8, 12, 3));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::set<int> groups;
    for (const auto& part : compose_practice(seed, 12, 4).parts) {
      EXPECT_TRUE(groups.insert(part.is_drum() ? 99 : part.program / 8).second) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace yourmt3
