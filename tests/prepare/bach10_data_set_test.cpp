#include "prepare/bach10_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/track_mix.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using testing::error_message;
using testing::find_sound;
using ::testing::HasSubstr;
using testing::sine;
using testing::SourceFiles;

void add_piece(const SourceFiles& files, const std::string& folder, const std::string& saxophone) {
  const std::string name = folder + "/" + fs::path(folder).filename().string();
  files.wav(name + ".wav", sine(1.5, 440, 44100), 44100);
  for (const std::string& part : {std::string("violin"), std::string("clarinet"), saxophone, std::string("bassoon")}) {
    files.wav(name + "-" + part + ".wav", sine(1.25, 440, 44100), 44100);
  }
  fs::copy_file(fs::path(YOURMT3_MAT_SAMPLES) / "notes_compressed.mat", files.path() / (name + "-GTNotes.mat"));
}

TEST(Bach10DataSet, ReadsPlayersNotesAndMix) {
  const SourceFiles files;
  add_piece(files, "Bach10_v1.1/01-AchGottundHerr", "saxphone");
  const DataSetPlan plan = Bach10DataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 1U);
  EXPECT_EQ(plan.items[0].id, "01-AchGottundHerr");
  EXPECT_EQ(plan.items[0].files.size(), 6U);
  EXPECT_THAT(plan.remarks, ElementsAre("1 pieces; the published data set has 10"));
  const PreparedItem item = plan.items[0].read();
  ASSERT_EQ(item.tracks.size(), 1U);
  const PreparedTrack& track = item.tracks[0];
  EXPECT_EQ(track.split, "test");
  ASSERT_EQ(track.stems.size(), 4U);
  const int programs[] = {40, 71, 65, 70};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(track.stems[i].program, programs[i]);
    ASSERT_EQ(track.stems[i].notes.size(), 2U);
    // Frames 10 + i to 29 + i of the pitch 72 - 7 i.
    const Note& first = track.stems[i].notes[0];
    const auto shift = static_cast<double>(i) * 0.01;
    EXPECT_NEAR(first.onset_sec, 0.108 + shift, 1e-12);
    EXPECT_NEAR(first.offset_sec, 0.308 + shift, 1e-12);
    EXPECT_EQ(first.pitch, 72 - 7 * static_cast<int>(i));
    EXPECT_EQ(first.program, programs[i]);
    EXPECT_EQ(find_sound(item, track.stems[i].sound)->samples.size(), 20000U);
  }
  EXPECT_EQ(track.stems[2].sound, "saxophone");
  EXPECT_EQ(find_sound(item, track.mix)->samples.size(), 24000U);
}

TEST(Bach10DataSet, BecomesAStore) {
  const SourceFiles files;
  add_piece(files, "01-AchGottundHerr", "saxphone");
  const testing::TemporaryFolder store;
  const auto folder = testing::prepared_store(Bach10DataSet(), files, store);
  const Store test(folder, "test");
  ASSERT_EQ(test.tracks().size(), 1U);
  EXPECT_THAT(Bach10DataSet().lists(), ::testing::IsSupersetOf(test.splits()));
  EXPECT_EQ(track_notes(test.tracks()[0]).size(), 8U);
  EXPECT_EQ(track_samples(test.tracks()[0]), 24000U);
}

TEST(Bach10DataSet, TakesTheMendedNameOfTheSaxophone) {
  const SourceFiles files;
  add_piece(files, "02-ChristederdubistTagundLicht", "saxophone");
  const DataSetPlan plan = Bach10DataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 1U);
  EXPECT_EQ(plan.items[0].read().tracks[0].stems[2].program, 65);
}

TEST(Bach10DataSet, TellsWhatIsWrong) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { Bach10DataSet().plan(files.path(), {}); }), HasSubstr("no Bach10 here; expected"));
  add_piece(files, "03-X", "saxphone");
  const auto read = [&] { Bach10DataSet().plan(files.path(), {}).items[0].read(); };
  const fs::path notes = files.path() / "03-X/03-X-GTNotes.mat";
  fs::copy_file(fs::path(YOURMT3_MAT_SAMPLES) / "kinds.mat", notes, fs::copy_options::overwrite_existing);
  EXPECT_THAT(error_message(read),
              HasSubstr("03-X-GTNotes.mat: no variable GTNotes with a cell for each of 4 players"));
  files.text("03-X/03-X-GTNotes.mat", "cut");
  EXPECT_THAT(error_message(read), HasSubstr("03-X-GTNotes.mat: no little-endian MAT-file"));
}

}  // namespace
}  // namespace yourmt3
