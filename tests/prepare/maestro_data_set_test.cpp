#include "prepare/maestro_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/store.h"
#include "data/track_mix.h"
#include "made_up_midi.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kVersion3 = R"({
  "canonical_composer": {"0": "Alban Berg", "1": "A", "10": "B"},
  "canonical_title": {"0": "Sonata Op. 1", "1": "a", "10": "b"},
  "split": {"0": "train", "1": "validation", "10": "test"},
  "year": {"0": 2018, "1": 2008, "10": 2017},
  "midi_filename": {"0": "2018/first.midi", "1": "2008/second.midi", "10": "2017/third.midi"},
  "audio_filename": {"0": "2018/first.wav", "1": "2008/second.wav", "10": "2017/third.wav"},
  "duration": {"0": 1.5, "1": 1.0, "10": 1.0}})";

constexpr const char* kVersion2 =
    R"([{"canonical_composer": "Alban Berg", "canonical_title": "Sonata Op. 1", "split": "train", "year": 2018,
    "midi_filename": "2018\/first.midi", "audio_filename": "2018\/first.wav", "duration": 698.661160312}])";

void add_performance(const SourceFiles& files, const std::string& name, double seconds) {
  files.wav(name + ".wav", sine(seconds, 440, 48000), 48000, 2);
  // The pedal holds the first note after its key is released, until it is released itself.
  files.midi(name + ".midi", played_midi(5, {{0.1, 0.2, 60}, {0.9, 0.95, 64}}, {{0.15, 127}, {0.5, 0}}));
}

TEST(MaestroTable, IsReadByColumnsAndByRows) {
  const auto columns = parse_maestro_table(kVersion3, "t");
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[2].midi_file, "2017/third.midi");
  EXPECT_EQ(columns[2].split, "test");
  EXPECT_EQ(columns[0].duration_sec, 1.5);
  const auto rows = parse_maestro_table(kVersion2, "t");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].audio_file, "2018/first.wav");
  EXPECT_EQ(rows[0].duration_sec, 698.661160312);
}

TEST(MaestroTable, SaysWhatIsWrong) {
  const auto problem = [](const std::string& text) {
    return error_message([&] { parse_maestro_table(text, "t.json"); });
  };
  EXPECT_THAT(problem("{"), StartsWith("t.json: not the table of MAESTRO"));
  EXPECT_THAT(problem("{}"), HasSubstr("midi_filename"));
  EXPECT_THAT(
      problem(R"({"midi_filename": {"0": "a"}, "audio_filename": {"0": "b"}, "split": {}, "duration": {"0": 1}})"),
      HasSubstr("'0'"));
  EXPECT_THAT(problem(R"([{"midi_filename": "a", "audio_filename": "b.wav", "split": "eval", "duration": 1}])"),
              HasSubstr("'b.wav' is of split 'eval'"));
  EXPECT_THAT(problem(R"([{"midi_filename": "a", "audio_filename": "b.wav", "split": "test", "duration": -1}])"),
              HasSubstr("lasts -1 s"));
}

TEST(MaestroDataSet, ReadsPianoAndPedal) {
  const SourceFiles files;
  files.text("maestro-v3.0.0/maestro-v3.0.0.json", kVersion3);
  add_performance(files, "maestro-v3.0.0/2018/first", 1.5);
  const DataSetPlan plan = MaestroDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 3u);
  EXPECT_EQ(plan.items[0].id, "first");
  EXPECT_THAT(plan.items[0].files, ElementsAre(files.path() / "maestro-v3.0.0/2018/first.midi",
                                               files.path() / "maestro-v3.0.0/2018/first.wav"));
  const PreparedItem item = plan.items[0].read();
  EXPECT_THAT(item.remarks, IsEmpty());
  EXPECT_EQ(item.sounds.at(0).samples.size(), 24000u);
  const PreparedTrack& track = item.tracks.at(0);
  EXPECT_EQ(track.split, "train");
  EXPECT_THAT(track.lists, ElementsAre("all"));
  EXPECT_EQ(track.stems.at(0).program, 0);
  EXPECT_THAT(track.stems.at(0).notes, ElementsAre(Note{false, 0, 0.1, 0.5, 60, 1}, Note{false, 0, 0.9, 0.95, 64, 1}));
}

TEST(MaestroDataSet, HoldsRecordingsAgainstTheirToldDuration) {
  const SourceFiles files;
  files.text("maestro-v3.0.0.json", kVersion3);
  add_performance(files, "2018/first", 2);
  add_performance(files, "2008/second", 0.75);
  add_performance(files, "2017/third", 1.01);
  const DataSetPlan plan = MaestroDataSet().plan(files.path(), {});
  const auto longer = plan.items[0].read(), shorter = plan.items[1].read(), alike = plan.items[2].read();
  EXPECT_EQ(longer.sounds[0].samples.size(), 24000u);
  EXPECT_THAT(longer.remarks, ElementsAre("the recording lasts 2.00 s, 1.50 s are told"));
  EXPECT_EQ(shorter.sounds[0].samples.size(), 12000u);
  EXPECT_THAT(shorter.remarks, ElementsAre("the recording lasts 0.75 s, 1.00 s are told"));
  EXPECT_EQ(alike.sounds[0].samples.size(), 16000u);
  EXPECT_THAT(alike.remarks, IsEmpty());
}

TEST(MaestroDataSet, TakesRenamedMidi) {
  const SourceFiles files;
  files.text("maestro-v2.0.0.json", kVersion2);
  add_performance(files, "2018/first", 1);
  fs::rename(files.path() / "2018/first.midi", files.path() / "2018/first.mid");
  EXPECT_EQ(MaestroDataSet().plan(files.path(), {}).items.at(0).files.at(0), files.path() / "2018/first.mid");
}

TEST(MaestroDataSet, SaysWhatWasExpected) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { MaestroDataSet().plan(files.path(), {}); }), HasSubstr("no maestro-v*.json"));
}

TEST(MaestroDataSet, BecomesAStore) {
  const SourceFiles files;
  files.text("maestro-v3.0.0.json", kVersion3);
  add_performance(files, "2018/first", 1.5);
  add_performance(files, "2008/second", 1);
  add_performance(files, "2017/third", 1);
  const TemporaryFolder out;
  const Store store(prepared_store(MaestroDataSet(), files, out), "test");
  ASSERT_EQ(store.tracks().size(), 1u);
  EXPECT_THAT(store.splits(), ElementsAre("all", "test", "train", "validation"));
  EXPECT_EQ(track_samples(store.tracks()[0]), 16000u);
  EXPECT_THAT(track_notes(store.tracks()[0]),
              ElementsAre(Note{false, 0, 0.1, 0.5, 60, 1}, Note{false, 0, 0.9, 0.95, 64, 1}));
}

}  // namespace
}  // namespace yourmt3::testing
