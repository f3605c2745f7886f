#include "prepare/geerdes_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/track_mix.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using ::testing::HasSubstr;
using testing::sine;
using testing::SourceFiles;

/// Notes from half a second to a second, each on a track and channel of its own.
MidiTrack one_note(const std::string& name, int channel, int program, int pitch) {
  MidiTrack track;
  const auto message = [&](std::uint64_t tick, int kind, int data1, int data2) {
    track.messages.push_back({tick, static_cast<std::uint8_t>(kind | channel), static_cast<std::uint8_t>(data1),
                              static_cast<std::uint8_t>(data2)});
  };
  track.messages.push_back({0, kMidiMeta, kMidiMetaTrackName, 0, name});
  message(0, kMidiProgram, program, 0);
  message(480, kMidiNoteOn, pitch, 90);
  message(960, kMidiNoteOff, pitch, 0);
  track.end_tick = 960;
  return track;
}

void add_songs(const SourceFiles& files) {
  files.text("geerdes_data_final.csv",
             "id,split_half,title,artist,audio_file,midi_file,link\n"
             "00012,train,\"A, B\",C,audio/A.wav,midi/00012T.MID,x\n"
             "00013,validation,D,E,audio/D.wav,midi/00013T.MID,x\n");
  MidiFile song;
  song.tracks = {one_note("Vocalist", 3, 52, 72), one_note("BackVocals", 4, 52, 67), one_note("Piano", 0, 1, 60),
                 one_note("Kit", 9, 0, 36)};
  for (const std::string name : {"A", "D"}) {
    files.wav("audio/" + name + ".wav", sine(1.5, 220));
    files.midi(name == "A" ? "midi/00012T.MID" : "midi/00013T.MID", song);
  }
  files.wav("audio/A_vocals.wav", sine(1.5, 330));
  files.wav("audio/A_accompaniment.wav", sine(1.5, 440));
}

TEST(GeerdesDataSet, ReadsWholeSongsAndSeparatedOnes) {
  const SourceFiles files;
  add_songs(files);
  const DataSetPlan plan = GeerdesDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 2U);
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("1 of 2 songs have separated voices")));
  const PreparedItem item = plan.items[0].read();
  ASSERT_EQ(item.tracks.size(), 3U);
  EXPECT_THAT(item.tracks[0].stems[0].programs, ElementsAre(1, kSingingProgram, kChorusProgram, kDrumProgram));
  EXPECT_EQ(item.tracks[0].split, "train");
  EXPECT_THAT(item.tracks[1].stems[0].notes,
              ElementsAre(Note{false, kSingingProgram, 0.5, 1, 72, 1}, Note{false, kChorusProgram, 0.5, 1, 67, 1}));
  EXPECT_EQ(item.tracks[1].split, "train_sep");
  EXPECT_THAT(item.tracks[2].stems[0].notes,
              ElementsAre(Note{false, 1, 0.5, 1, 60, 1}, Note{true, kDrumProgram, 0.5, 0.51, 36, 1}));
  EXPECT_EQ(plan.items[1].read().tracks.size(), 1U);
}

TEST(GeerdesDataSet, BecomesAStore) {
  const SourceFiles files;
  add_songs(files);
  const testing::TemporaryFolder store;
  const auto folder = testing::prepared_store(GeerdesDataSet(), files, store);
  EXPECT_EQ(Store(folder, "all").tracks().size(), 2U);
  EXPECT_EQ(Store(folder, "train").tracks().size(), 1U);
  const Store separated(folder, "all_sep");
  EXPECT_EQ(separated.tracks().size(), 2U);
  EXPECT_THAT(GeerdesDataSet().lists(), ::testing::IsSupersetOf(separated.splits()));
}

TEST(GeerdesDataSet, TellsWhatIsWrong) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { GeerdesDataSet().plan(files.path(), {}); }), HasSubstr("no Geerdes; expected"));
  files.text("geerdes_data_final.csv", "id,split_half,audio_file,midi_file\n1,test,a.wav,a.mid\n");
  EXPECT_THAT(error_message([&] { GeerdesDataSet().plan(files.path(), {}); }),
              HasSubstr("line 2: split_half is 'test', expected train or validation"));
  files.text("geerdes_data_final.csv", "id,split_half,audio_file\n1,train,a.wav\n");
  EXPECT_THAT(error_message([&] { GeerdesDataSet().plan(files.path(), {}); }), HasSubstr("no column 'midi_file'"));
  files.text("geerdes_data_final.csv", "id,split_half,audio_file,midi_file\n1,train,a.wav,a.mid\n");
  files.wav("a.wav", sine(1, 220));
  files.midi("a.mid", MidiFile{1, 480, 0, {MidiTrack{}}});
  EXPECT_THAT(error_message([&] { GeerdesDataSet().plan(files.path(), {}).items[0].read(); }),
              HasSubstr("a.mid: no notes"));
}

}  // namespace
}  // namespace yourmt3
