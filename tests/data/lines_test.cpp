#include "data/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "data/compose_store.h"
#include "data/store.h"
#include "support/temporary_folder.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LineOptions two_ensembles() {
  LineOptions options;
  options.ensembles = {{0, 48}, {kDrumProgram}};
  options.pitches = {60, 64};
  options.shortest_step_sec = 0.3;
  options.longest_step_sec = 0.5;
  options.drums = {36, 38};
  return options;
}

TEST(Lines, AreOneNoteAfterTheOtherOfFewPitches) {
  std::set<std::vector<int>> ensembles;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Song song = compose_lines(seed, 10, two_ensembles());
    std::vector<int> programs;
    for (const Part& part : song.parts) {
      programs.push_back(part.program);
      ASSERT_GE(part.notes.size(), 10 / 0.5 - 2);
      for (std::size_t n = 0; n < part.notes.size(); ++n) {
        const PlayedNote& note = part.notes[n];
        EXPECT_LE(note.offset_sec, 10);
        if (part.is_drum()) {
          EXPECT_TRUE(note.pitch == 36 || note.pitch == 38);
        } else {
          EXPECT_TRUE(note.pitch >= 60 && note.pitch <= 64);
        }
        if (n == 0) continue;
        const double step = note.onset_sec - part.notes[n - 1].onset_sec;
        EXPECT_GE(step, 0.3);
        EXPECT_LE(step, 0.5);
        EXPECT_LT(part.notes[n - 1].offset_sec, note.onset_sec) << "silence before the next";
      }
    }
    ensembles.insert(programs);
  }
  EXPECT_THAT(ensembles, ElementsAre(std::vector<int>{0, 48}, std::vector<int>{kDrumProgram}));
}

TEST(Lines, AreTheSameForOneSeed) {
  EXPECT_EQ(compose_lines(3, 8, two_ensembles()), compose_lines(3, 8, two_ensembles()));
  EXPECT_NE(compose_lines(3, 8, two_ensembles()), compose_lines(4, 8, two_ensembles()));
}

TEST(Lines, RefuseWhatCannotBePlayed) {
  const auto refused = [](auto change, double seconds = 5) {
    LineOptions options = two_ensembles();
    change(options);
    try {
      compose_lines(1, seconds, options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  EXPECT_THAT(refused([](LineOptions& o) { o.ensembles = {{0, 0}}; }), HasSubstr("[0, 0]"));
  EXPECT_THAT(refused([](LineOptions& o) { o.ensembles = {{129}}; }), HasSubstr("129"));
  EXPECT_THAT(refused([](LineOptions& o) { o.ensembles.clear(); }), HasSubstr("ensembles"));
  EXPECT_THAT(refused([](LineOptions& o) { o.pitches = {70, 60}; }), HasSubstr("70 to 60"));
  EXPECT_THAT(refused([](LineOptions& o) { o.shortest_step_sec = 0; }), HasSubstr("steps of 0"));
  EXPECT_THAT(refused([](LineOptions& o) { o.drums = {128}; }), HasSubstr("128"));
  EXPECT_THAT(refused([](LineOptions&) {}, 0), HasSubstr("0 s"));
}

TEST(ComposeStore, ForgetsAnInstrumentOfTrainingTracksOnly) {
  const testing::TemporaryFolder folder;
  ComposeStoreOptions options;
  options.output = folder / "all";
  options.tracks = 12;
  options.validation_tracks = 4;
  options.seconds = 4;
  options.lines = two_ensembles();
  options.lines->ensembles = {{0, 48}};
  compose_store(options);
  options.output = folder / "half";
  options.unannotated_share = 0.5;
  compose_store(options);

  const Store whole(folder / "all"), half(folder / "half");
  ASSERT_EQ(half.tracks().size(), 12u);
  int forgotten = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const Store::Track &a = whole.tracks()[i], &b = half.tracks()[i];
    ASSERT_EQ(b.stems.size(), 2u);
    for (std::size_t s = 0; s < 2; ++s) {
      EXPECT_TRUE(std::ranges::equal(a.stems[s].wav.samples(), b.stems[s].wav.samples())) << "it sounds all the same";
    }
    if (b.info.annotated.size() == 2) continue;
    ++forgotten;
    EXPECT_EQ(b.info.split, "train");
    EXPECT_EQ(b.info.annotated.size(), 1u);
    for (const Store::Stem& stem : b.stems) EXPECT_EQ(stem.notes.empty(), stem.info.program == kUnannotatedProgram);
  }
  EXPECT_GT(forgotten, 0);
  EXPECT_LT(forgotten, 8);
  options.output = folder / "wrong";
  options.unannotated_share = 1.5;
  EXPECT_THROW(compose_store(options), Error);
}

TEST(ComposeStore, SaysWhichSoundFontIsMissing) {
  const testing::TemporaryFolder folder;
  ComposeStoreOptions options;
  options.output = folder / "set";
  options.fonts = {folder / "none.sf2"};
  try {
    compose_store(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.what(), HasSubstr("none.sf2"));
  }
}

}  // namespace
}  // namespace yourmt3
