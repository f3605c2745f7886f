#include "data/arrange.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

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

TEST(VarySong, ChangesNothingByItself) {
  Random random(1);
  EXPECT_EQ(vary_song(long_song(), as_written(), random), long_song());
}

TEST(VarySong, IsDeterministic) {
  Random first(5), second(5), third(6);
  const ArrangeOptions options;
  const auto varied = vary_song(long_song(), options, first);
  EXPECT_EQ(varied, vary_song(long_song(), options, second));
  EXPECT_NE(varied, vary_song(long_song(), options, third));
}

TEST(VarySong, MovesOnsetsAndKeepsLengths) {
  auto options = as_written();
  options.timing_sec = 0.01;
  Random random(1);
  const auto varied = vary_song(long_song(), options, random);
  double squares = 0;
  int count = 0;
  for (std::size_t p = 0; p < varied.parts.size(); ++p) {
    const auto written = long_song().parts[p];
    ASSERT_EQ(varied.parts[p].notes.size(), written.notes.size());
    for (std::size_t n = 0; n < written.notes.size(); ++n) {
      const auto& note = varied.parts[p].notes[n];
      EXPECT_NEAR(note.offset_sec - note.onset_sec, 0.4, 1e-9);
      EXPECT_EQ(note.pitch, written.notes[n].pitch);
      squares += std::pow(note.onset_sec - written.notes[n].onset_sec, 2);
      ++count;
    }
  }
  // The deviation of 600 draws is known within 3 %; four times that.
  EXPECT_NEAR(std::sqrt(squares / count), 0.01, 0.0012);
}

TEST(VarySong, ChangesTempoPitchAndVelocityWithinWhatIsAllowed) {
  auto options = as_written();
  options.max_transpose = 3;
  options.max_tempo_change = 0.1;
  options.velocity_change = 0.2;
  std::set<int> shifts;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const auto varied = vary_song(long_song(), options, random);
    const double slower = varied.parts[0].notes[100].onset_sec / 50;
    EXPECT_GE(slower, 1 / 1.1 - 1e-9);
    EXPECT_LE(slower, 1 / 0.9 + 1e-9);
    EXPECT_NEAR(varied.parts[4].notes[60].onset_sec / 30, slower, 1e-9);
    const int shift = varied.parts[0].notes[0].pitch - 40;
    shifts.insert(shift);
    EXPECT_EQ(varied.parts[3].notes[0].pitch - 40, shift);
    EXPECT_EQ(varied.parts[4].notes[0].pitch, 36);
    EXPECT_EQ(varied.parts[3].program, 99);
    double velocity = 0;
    for (const auto& note : varied.parts[1].notes) velocity += note.velocity / 120.0;
    // Rounded down, and 120 notes that vary by 4 are known within 0.4.
    EXPECT_GE(velocity, 90 * 0.8 - 2.5);
    EXPECT_LE(velocity, 90 * 1.12 + 1.5);
  }
  EXPECT_EQ(shifts, (std::set<int>{-3, -2, -1, 0, 1, 2, 3}));
}

TEST(VarySong, RedrawsInstrumentsAndKeepsBassAndDrums) {
  auto options = as_written();
  options.keep_program = 0;
  std::set<int> pianos;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const auto varied = vary_song(long_song(), options, random);
    pianos.insert(varied.parts[0].program);
    EXPECT_EQ(varied.parts[2].program / 8, 4);
    EXPECT_TRUE(varied.parts[4].is_drum());
  }
  EXPECT_GT(pianos.size(), 20u);
}

TEST(VarySong, ExchangesDrumsForRelativesAndKeepsThemApart) {
  auto options = as_written();
  options.keep_drums = 0;
  Song song;
  song.seconds = 8;
  song.parts.push_back({kDrumProgram, {}});
  const std::vector<int> written = {36, 38, 42, 46, 49, 45, 56, 27};
  for (int i = 0; i < 16; ++i) {
    const int key = written[static_cast<std::size_t>(i) % written.size()];
    song.parts[0].notes.push_back({i * 0.5, i * 0.5 + 0.1, key, 90});
  }
  std::map<int, std::set<int>> played;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto notes = vary_song(song, options, random).parts.at(0).notes;
    ASSERT_EQ(notes.size(), 16u);
    std::set<int> kinds;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      EXPECT_EQ(notes[i].pitch, notes[i % 8].pitch) << "one drum is one drum throughout";
      kinds.insert(notes[i].pitch);
      played[written[i % 8]].insert(notes[i].pitch);
    }
    EXPECT_EQ(kinds.size(), written.size());
  }
  EXPECT_EQ(played[36], (std::set<int>{35, 36}));
  EXPECT_EQ(played[38], (std::set<int>{37, 38, 39, 40}));
  EXPECT_EQ(played[42], (std::set<int>{42, 44, 46, 51, 53, 59}));
  EXPECT_EQ(played[46], played[42]);
  EXPECT_EQ(played[49], (std::set<int>{49, 52, 55, 57}));
  EXPECT_EQ(played[45], (std::set<int>{41, 43, 45, 47, 48, 50}));
  EXPECT_EQ(played[27], (std::set<int>{27})) << "has no relatives";
  options.keep_drums = 1;
  Random random(1);
  EXPECT_EQ(vary_song(song, options, random).parts.at(0).notes[2].pitch, 42);
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
