#include "data/arrange.h"

#include <gtest/gtest.h>

#include <set>

#include "data/instruments.h"

namespace yourmt3 {
namespace {

Song long_song() {
  Song song;
  song.seconds = 60;
  for (const int program : {0, 30, 33, 99, kDrumProgram}) {
    Part part{program, {}};
    for (int i = 0; i < 120; ++i) {
      part.notes.push_back({i * 0.5, i * 0.5 + 0.4, program == kDrumProgram ? 36 + i % 8 : 40 + i % 24, 90});
    }
    song.parts.push_back(part);
  }
  return song;
}

TEST(ArrangeExcerpt, KeepsBassAndDrumsAndSpreadsTheOthersOverFamilies) {
  const auto song = long_song();
  std::set<int> families;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const auto excerpt = arrange_excerpt(song, 12, {}, random);
    ASSERT_EQ(excerpt.parts.size(), 5u);
    int basses = 0;
    int drums = 0;
    for (const auto& part : excerpt.parts) {
      EXPECT_GE(instrument_group(part.program), 0) << part.program;
      basses += part.program / 8 == 4 ? 1 : 0;
      drums += part.is_drum() ? 1 : 0;
      if (!part.is_drum()) families.insert(part.program / 8);
      for (const auto& note : part.notes) {
        if (!part.is_drum()) {
          EXPECT_TRUE(instrument_range(part.program).contains(note.pitch)) << part.program;
        }
        EXPECT_LT(note.onset_sec, 12);
        EXPECT_GE(note.onset_sec, 0);
      }
    }
    EXPECT_EQ(basses, 1) << seed;
    EXPECT_EQ(drums, 1) << seed;
  }
  EXPECT_EQ(families.size(), 12u);
}

TEST(ArrangeExcerpt, IsDeterministic) {
  Random first(5);
  Random second(5);
  EXPECT_EQ(arrange_excerpt(long_song(), 10, {}, first), arrange_excerpt(long_song(), 10, {}, second));
}

TEST(ArrangeExcerpt, HasNoPartsWhereNothingPlays) {
  Random random(1);
  EXPECT_TRUE(arrange_excerpt({{{0, {{0, 1, 60, 90}}}}, 100}, 10, {}, random).parts.empty());
}

TEST(CutExcerpt, TakesNotesThatBeginInside) {
  const auto excerpt = cut_excerpt({{{0, {{0, 5, 60, 90}, {2, 9, 62, 90}, {4, 5, 64, 90}}}}, 9}, 1, 3);
  ASSERT_EQ(excerpt.parts.size(), 1u);
  EXPECT_EQ(excerpt.parts[0].notes, (std::vector<PlayedNote>{{1, 8, 62, 90}}));
}

TEST(FoldInto, MovesByOctavesOnly) {
  EXPECT_EQ(fold_into({60, 84}, 40), 64);
  EXPECT_EQ(fold_into({60, 84}, 100), 76);
  EXPECT_EQ(fold_into({60, 84}, 70), 70);
}

}  // namespace
}  // namespace yourmt3
