#include "eval/note_matching.h"

#include <gtest/gtest.h>

#include "eval/bipartite.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Note note(double onset_sec, double offset_sec, int pitch = 60) {
  return {false, 0, onset_sec, offset_sec, pitch, 1};
}

MatchOptions onset_only() {
  MatchOptions options;
  options.offset_ratio.reset();
  return options;
}

TEST(Bipartite, EarlierChoicesAreGivenUpForMorePairs) {
  // Greedy takes 0-0, which leaves nothing for 1.
  EXPECT_EQ(maximum_matching({{0, 1}, {0}}, 2), (std::vector<std::pair<int, int>>{{0, 1}, {1, 0}}));
  EXPECT_TRUE(maximum_matching({{}, {}}, 3).empty());
  EXPECT_TRUE(maximum_matching({}, 0).empty());
}

TEST(Bipartite, LongChainsDoNotOverflowTheStack) {
  // Node i knows i and i + 1, the last one only the first: every pair has to move by one.
  const int n = 200000;
  std::vector<std::vector<int>> neighbours;
  for (int i = 0; i + 1 < n; ++i) neighbours.push_back({i, i + 1});
  neighbours.push_back({0});
  EXPECT_EQ(maximum_matching(neighbours, n).size(), static_cast<std::size_t>(n));
}

TEST(NoteMatching, DistancesAreRoundedToTenthsOfMilliseconds) {
  const std::vector<Note> reference{note(1, 2)};
  EXPECT_EQ(score_matches(reference, std::vector<Note>{note(1.05004, 2)}, onset_only()).n_matched, 1);
  EXPECT_EQ(score_matches(reference, std::vector<Note>{note(1.05006, 2)}, onset_only()).n_matched, 0);
}

TEST(NoteMatching, PitchMustAgree) {
  const std::vector<Note> reference{note(1, 2, 60)};
  EXPECT_EQ(score_matches(reference, std::vector<Note>{note(1, 2, 61)}).n_matched, 0);
  EXPECT_EQ(score_matches(reference, std::vector<Note>{note(1, 2, 72)}).n_matched, 0);
}

TEST(NoteMatching, LongNotesMayEndAFifthOfTheirLengthAway) {
  const std::vector<Note> reference{note(1, 3)};
  EXPECT_EQ(score_matches(reference, std::vector<Note>{note(1, 3.4)}).n_matched, 1);
  EXPECT_EQ(score_matches(reference, std::vector<Note>{note(1, 3.41)}).n_matched, 0);
  // Not of the estimate's length.
  EXPECT_EQ(score_matches(std::vector<Note>{note(1, 1.1)}, std::vector<Note>{note(1, 3)}).n_matched, 0);
}

TEST(NoteMatching, EachNoteIsUsedOnce) {
  const MatchScore score = score_matches(std::vector<Note>{note(1, 2)}, std::vector<Note>{note(1, 2), note(1.01, 2)});
  EXPECT_EQ(score.n_matched, 1);
  EXPECT_EQ(score.precision(), 0.5);
  EXPECT_EQ(score.recall(), 1);
  EXPECT_DOUBLE_EQ(score.f1(), 2.0 / 3);
}

TEST(NoteMatching, EmptySidesScoreZero) {
  EXPECT_EQ(MatchScore().f1(), 0);
  EXPECT_EQ(score_matches(std::vector<Note>{note(1, 2)}, {}).f1(), 0);
}

TEST(NoteMatching, NotesThatCannotSoundAreErrors) {
  const std::vector<Note> good{note(1, 2)};
  EXPECT_THROW(score_matches(good, std::vector<Note>{note(1, 1)}), Error);
  EXPECT_THROW(score_matches(good, std::vector<Note>{note(-1, 1)}), Error);
  EXPECT_THROW(match_notes(to_sounding(good), std::vector<SoundingPitch>{{1, 2, 0}}), Error);
  EXPECT_THROW(score_offset_times(to_sounding(good), to_sounding(good), onset_only()), Error);
}

}  // namespace
}  // namespace yourmt3
