#include "prepare/ensemble_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "prepare/store_index.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using ::testing::HasSubstr;
using testing::SourceFiles;

class EnsembleListsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string index;
    for (const TrackInfo& track : {track_of("a", "train", {0, 16}), track_of("b", "train", {17, 48, kDrumProgram}),
                                   track_of("c", "test", {16, 44}), track_of("d", "test", {48})}) {
      index += index_line(track) + "\n";
    }
    files_.text("index.jsonl", index);
  }

  static TrackInfo track_of(const std::string& id, const std::string& split, const std::vector<int>& annotated) {
    TrackInfo track;
    track.id = id;
    track.split = split;
    track.lists = {"all"};
    track.seconds = 1.0 / 3;
    track.notes_file = id + "/notes.json";
    track.annotated = annotated;
    for (const int program : annotated) track.stems.push_back({program, id + "/sound.wav"});
    return track;
  }
  std::vector<std::vector<std::string>> lists() const {
    std::vector<std::vector<std::string>> lists;
    for (const TrackInfo& track : read_store_index(files_.path())) lists.push_back(track.lists);
    return lists;
  }
  std::string text() const {
    std::ifstream file(files_.path() / "index.jsonl", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  SourceFiles files_;
};

TEST_F(EnsembleListsTest, PartTracksByClassesThatPlayTogether) {
  const EnsembleLists written = write_ensemble_lists(files_.path(), {{"Organ", "Strings"}});
  EXPECT_THAT(lists(), ElementsAre(ElementsAre("all", "train_seen"), ElementsAre("all", "train_unseen"),
                                   ElementsAre("all", "test_unseen"), ElementsAre("all", "test_seen")));
  ASSERT_EQ(written.lists.size(), 4U);
  EXPECT_EQ(written.lists[0].name, "test_seen");
  EXPECT_EQ(written.lists[0].tracks, 1U);
  EXPECT_EQ(read_store_index(files_.path())[0].seconds, 1.0 / 3) << "all else stays as it is";
}

TEST_F(EnsembleListsTest, ReplaceThoseOfOtherPairs) {
  write_ensemble_lists(files_.path(), {{"Organ", "Strings"}});
  write_ensemble_lists(files_.path(), {{"Piano", "Organ"}, {"Strings", "Drums"}});
  EXPECT_THAT(lists(), ElementsAre(ElementsAre("all", "train_unseen"), ElementsAre("all", "train_unseen"),
                                   ElementsAre("all", "test_seen"), ElementsAre("all", "test_seen")));
}

TEST_F(EnsembleListsTest, LeaveTheIndexAloneWhenNothingIsParted) {
  const std::string before = text();
  EXPECT_THAT(error_message([&] {
                write_ensemble_lists(files_.path(), {{"Brass", "Reed"}});
              }),
              HasSubstr("none of 4 tracks have any of these pairs"));
  EXPECT_EQ(text(), before);
}

TEST(InstrumentPair, IsReadInAnyCaseAndSaysWhichNamesThereAre) {
  EXPECT_EQ(parse_instrument_pair("organ+Singing Voice"), InstrumentPair("Organ", "Singing Voice"));
  EXPECT_EQ(parse_instrument_pair("DRUMS+piano"), InstrumentPair("Drums", "Piano"));
  EXPECT_THAT(error_message([] { parse_instrument_pair("Organ"); }), HasSubstr("'Organ' is no pair"));
  EXPECT_THAT(error_message([] { parse_instrument_pair("Organ+Flute"); }),
              HasSubstr("no instrument is called 'Flute'; a pair is two of Piano, Chromatic Percussion, Organ"));
  EXPECT_THAT(error_message([] { parse_instrument_pair("Reed+reed"); }), HasSubstr("one instrument twice"));
}

}  // namespace
}  // namespace yourmt3
