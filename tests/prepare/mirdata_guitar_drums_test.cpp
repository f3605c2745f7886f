// Real samples of data sets: those with which the mirdata library tests its loaders. YOURMT3_MIRDATA_DIR names its
// folder tests/resources/mir_datasets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "prepare/groove_data_set.h"
#include "prepare/guitarset_data_set.h"
#include "prepare/jams_notes.h"
#include "prepare/text_table.h"
#include "prepared_items.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::planned;
using ::testing::SizeIs;
using testing::track_of;

namespace fs = std::filesystem;

class Mirdata : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("YOURMT3_MIRDATA_DIR");
    if (folder == nullptr) GTEST_SKIP() << "YOURMT3_MIRDATA_DIR does not name mirdata's tests/resources/mir_datasets";
    folder_ = folder;
    ASSERT_TRUE(fs::is_directory(folder_)) << folder_;
  }

  fs::path folder_;
};

TEST_F(Mirdata, GuitarSetRecordingIsReadWithBothSounds) {
  const DataSetPlan plan = GuitarSetDataSet().plan(folder_ / "guitarset", {});
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("annotation: 2 of 360 recordings")));
  ASSERT_THAT(plan.items, SizeIs(2));
  const PreparedItem item = planned(plan, "03_BN3-119-G_solo").read();
  ASSERT_THAT(item.tracks, SizeIs(2));
  ASSERT_THAT(item.sounds, SizeIs(2));
  for (const PreparedSound& sound : item.sounds) EXPECT_EQ(sound.samples.size(), 32000U) << "cut to 2 s by mirdata";
  EXPECT_THAT(item.remarks, ElementsAre(HasSubstr("_mic.wav: lasts 2.00 s, expected 32.26 s"),
                                        HasSubstr("_mix.wav: lasts 2.00 s, expected 32.26 s")));
  const PreparedTrack& mic = track_of(item, "03_BN3-119-G_solo_mic");
  EXPECT_THAT(mic.lists, ::testing::Contains("progression_3"));
  ASSERT_FALSE(mic.stems[0].notes.empty());
  for (const Note& note : mic.stems[0].notes) {
    EXPECT_EQ(note.program, 24);
    EXPECT_GT(note.offset_sec, note.onset_sec);
  }
}

TEST_F(Mirdata, GuitarSetAnnotationsHaveTheNotesThatAreWrittenInThem) {
  const auto notes_of = [&](const std::string& name) {
    const fs::path file = folder_ / "guitarset/annotation" / name;
    return parse_jams_notes(read_text_file(file), file.string(), 24);
  };
  const JamsNotes solo = notes_of("03_BN3-119-G_solo.jams");
  EXPECT_EQ(solo.n_left_out, 0U);
  const auto plucked = [](double onset_sec, double duration_sec, int pitch) {
    return Note{false, 24, onset_sec, onset_sec + duration_sec, pitch, 1};
  };
  // Three notes on each of two strings; pitches such as 120.0576287044242.
  EXPECT_THAT(solo.notes, ElementsAre(plucked(0.7612308390022235, 0.49922902494336086, 67),
                                      plucked(0.7612308390022235, 0.49922902494336086, 120),
                                      plucked(1.5072852607709137, 0.22639455782314144, 71),
                                      plucked(1.5072852607709137, 0.22639455782314144, 120),
                                      plucked(1.7806185941042258, 0.21938140589577415, 71),
                                      plucked(1.7806185941042258, 0.21938140589577415, 120)));
  EXPECT_NEAR(solo.duration_sec.value_or(0), 32.2632, 1e-4);
  EXPECT_THAT(notes_of("00_BN1-129-Eb_comp.jams").notes, IsEmpty());
}

TEST_F(Mirdata, GrooveTableNamesThreePerformancesAndTheMidiThatIsThereIsReadWhole) {
  const DataSetPlan plan = GrooveDataSet().plan(folder_ / "groove_midi", {});
  EXPECT_THAT(plan.remarks, IsEmpty());
  ASSERT_THAT(plan.items, SizeIs(3));
  EXPECT_EQ(plan.items[0].id, "drummer1_eval_session_10_soul-groove10_102_beat_4-4");

  // The library does not keep every sound, so one of the length that the table tells stands for it.
  const testing::SourceFiles files;
  const std::string name = "drummer1/eval_session/1_funk-groove1_138_beat_4-4";
  files.text("info.csv", read_text_file(folder_ / "groove_midi/info.csv"));
  fs::create_directories(files.path() / "drummer1/eval_session");
  fs::copy_file(folder_ / "groove_midi" / (name + ".mid"), files.path() / (name + ".mid"));
  files.wav(name + ".wav", testing::sine(27.872308, 200, 44100), 44100);
  const PreparedItem item =
      planned(GrooveDataSet().plan(files.path(), {}), "drummer1_eval_session_1_funk-groove1_138_beat_4-4").read();
  EXPECT_THAT(item.remarks, IsEmpty());
  EXPECT_EQ(item.tracks[0].split, "test");
  const auto& notes = item.tracks[0].stems[0].notes;
  std::map<int, int> hits;
  for (const Note& note : notes) {
    EXPECT_TRUE(note.is_drum);
    EXPECT_EQ(note.program, kDrumProgram);
    ++hits[note.pitch];
  }
  EXPECT_THAT(notes, SizeIs(410));
  EXPECT_THAT(hits, SizeIs(10));
}

}  // namespace
}  // namespace yourmt3
