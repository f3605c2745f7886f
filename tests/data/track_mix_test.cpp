#include "data/track_mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A store with one track of these stems.
class TrackMix : public ::testing::Test {
 protected:
  Store open(const std::vector<std::vector<Note>>& notes, int program = 22) {
    TrackInfo info;
    info.id = "a";
    info.split = "train";
    info.seconds = 1;
    info.notes_file = "a.json";
    for (std::size_t i = 0; i < notes.size(); ++i) {
      info.stems.push_back({program, std::to_string(i) + ".wav", 1});
      write_stem_wav(folder_ / info.stems[i].file, std::vector<float>(16000, 0.25f));
    }
    std::ofstream(folder_ / "a.json") << stem_notes_text(notes, info.stems);
    std::ofstream(folder_ / "index.jsonl") << index_line(info) << "\n";
    return Store(folder_.path());
  }

  std::vector<Note> mixed(const std::vector<std::vector<Note>>& notes) {
    return track_notes(open(notes).tracks().at(0));
  }

  testing::TemporaryFolder folder_;
};

Note note(double onset_sec, double offset_sec) {
  return {false, 22, onset_sec, offset_sec, 60, 1};
}

TEST_F(TrackMix, TrimsNotesOfStemsThatSoundAlikeAndRepairsThem) {
  // Cut to 5 ms, then made 10 ms long again: it overlaps its successor.
  EXPECT_THAT(mixed({{note(0.1, 0.5)}, {note(0.105, 0.6)}}), ElementsAre(note(0.1, 0.1 + 0.01), note(0.105, 0.6)));
}

TEST_F(TrackMix, LeavesNotesOfOneStemAsTheyAre) {
  EXPECT_THAT(mixed({{note(0.2, 0.205)}, {}}), ElementsAre(note(0.2, 0.205)));
  EXPECT_THAT(mixed({{}, {}}), IsEmpty());
}

TEST_F(TrackMix, AddsStems) {
  const auto mix = track_mix(open({{}, {}}).tracks().at(0));
  ASSERT_EQ(mix.size(), 16000u);
  EXPECT_NEAR(mix[100], 0.5, 2.0 / 32768) << "each is rounded to 16 bits";
}

}  // namespace
}  // namespace yourmt3
